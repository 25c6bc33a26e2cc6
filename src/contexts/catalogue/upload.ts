import type { Request } from 'express';
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Problem } from '../../kernel/errors';
import type { Format } from './import';

const FORMATS = { 'text/csv': 'csv', 'application/x-ndjson': 'jsonl', 'application/jsonl': 'jsonl' } as const;
/** ASCII is a part of UTF-8. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii'];

/** The format that a request says it sends. Throws `unsupported-media-type`. */
export function formatOf(req: Request): Format {
  const type = req.is(Object.keys(FORMATS));
  if (typeof type !== 'string' || !(type in FORMATS)) {
    throw new Problem('unsupported-media-type', `Send the file as ${Object.keys(FORMATS).join(' or ')}`);
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(req.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !CHARSETS.includes(charset.toLowerCase())) {
    throw new Problem('unsupported-media-type', `Send the file in UTF-8, not in ${charset}`);
  }
  return FORMATS[type as keyof typeof FORMATS];
}

/**
 * The file in a request's body, without its Content-Encoding. Throws `unsupported-media-type`. Destroying it leaves the
 * request and its socket whole, for the answer: what is still to come of the body is read and dropped.
 */
export function fileOf(req: Request): Readable {
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new Problem('unsupported-media-type', `Send the file as it is or with gzip, not with ${encoding}`);
  }
  const file = encoding === 'identity' ? new PassThrough() : createGunzip();
  req.once('error', (error) => file.destroy(error));
  file.once('close', () => {
    req.unpipe(file);
    req.resume();
  });
  return req.pipe(file);
}
