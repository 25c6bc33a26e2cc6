import { createHash } from 'node:crypto';

/** A page of results as it is sent, and its validator. */
export interface TaggedAnswer {
  readonly body: Buffer;
  /** A strong ETag: of the bytes, not of the index, so that every process gives the same answer the same tag. */
  readonly etag: string;
}

/** A SHA-1 in base64url. */
const LENGTH = 27;

/** The answer behind its hash: kept together, so that an answer that is asked for again is not hashed again. */
export const withTag = (json: string): string => createHash('sha1').update(json).digest('base64url') + json;

/** Takes apart what `withTag` has made, without a copy. */
export const readTagged = (bytes: Buffer): TaggedAnswer => ({
  body: bytes.subarray(LENGTH),
  etag: `"${bytes.toString('latin1', 0, LENGTH)}"`,
});
