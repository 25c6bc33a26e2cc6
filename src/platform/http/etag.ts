import type { IncomingMessage } from 'node:http';
import { Problem } from '../../kernel/errors';

/** A strong validator made of a row's version. */
export const versionTag = (version: number): string => `"${version}"`;

/** Whether If-None-Match says that the client already has this (weak comparison, RFC 9110 §13.1.2). */
export function isFresh(req: IncomingMessage, tag: string): boolean {
  const given = req.headers['if-none-match'];
  if (given === undefined) return false;
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag);
}

/**
 * The version that a change is based on, from If-Match. Throws `precondition-required` when it is missing and
 * `precondition-failed` when it cannot be a version of ours. `*` (any version) is undefined.
 */
export function ifMatchVersion(req: IncomingMessage): number | undefined {
  const given = req.headers['if-match'];
  if (given === undefined) throw new Problem('precondition-required', 'Send If-Match with the ETag that you read');
  if (given.trim() === '*') return undefined;
  const version = /^"(\d{1,10})"$/.exec(given.trim())?.[1];
  if (version === undefined) throw new Problem('precondition-failed', `If-Match ${given} is no ETag of this resource`);
  return Number(version);
}
