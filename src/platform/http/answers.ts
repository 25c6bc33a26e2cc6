import type { Request, Response } from 'express';
import { Problem } from '../../kernel/errors';
import type { Page } from '../../kernel/pages';
import { isFresh, versionTag } from './etag';
import type { z } from './zod';

/** What routes of every context read and answer in the same way. */

/** For answers that are one caller's business, and change at any time. */
export const PRIVATE = 'private, no-store';

/** What cannot be an id of ours is no address of ours. Throws `not-found`. */
export function knownId(given: string | string[] | undefined, schema: z.ZodType): string {
  if (typeof given !== 'string' || !schema.safeParse(given).success)
    throw new Problem('not-found', `There is nothing with the id "${String(given)}"`);
  return given;
}

/** The JSON body. Throws `unsupported-media-type` when the request says that it sends something else. */
export function bodyOf(req: Request): unknown {
  if (req.body === undefined) throw new Problem('unsupported-media-type', 'Send the body as application/json');
  return req.body;
}

/** Says which version an answer is; true when the client has it already and was told so. */
export function sendNotModified(req: Request, res: Response, version: number, cacheControl: string): boolean {
  const tag = versionTag(version);
  res.set({ ETag: tag, 'Cache-Control': cacheControl });
  if (!isFresh(req, tag)) return false;
  res.status(304).end();
  return true;
}

/** Sends a page; the address of the next one is also in the Link header (RFC 8288). */
export function sendPage(req: Request, res: Response, page: Page<unknown>, cacheControl: string): void {
  if (page.page.next !== null) {
    const url = new URL(req.originalUrl, 'http://localhost');
    url.searchParams.set('after', page.page.next);
    res.set('Link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  res.set('Cache-Control', cacheControl).json(page);
}
