import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { FileFormat } from './worker';

const TYPES: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
};

/** Says that a file comes. */
export const fileHeaders = (name: string, format: FileFormat): Readonly<Record<string, string>> => ({
  'Content-Type': TYPES[format],
  'Content-Disposition': `attachment; filename="${name}.${format}"`,
});

/** Sends a file that was saved for this answer, and removes it. */
export async function sendSaved(res: Response, file: string, name: string, format: FileFormat): Promise<void> {
  try {
    const { size } = await stat(file);
    res.writeHead(200, { ...fileHeaders(name, format), 'Content-Length': size });
    await pipeline(createReadStream(file), res);
  } finally {
    await rm(file, { force: true });
  }
}
