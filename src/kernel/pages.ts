import { Problem } from './errors';

/** One page of a list: `next` is an opaque cursor for `?after=`, null on the last page. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly page: { readonly next: string | null; readonly hasMore: boolean };
}

/** Wraps the sort key of the last row of a page. Opaque to clients: its form may change. */
export function encodeCursor(key: readonly (string | number | boolean)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Reads a cursor of `length` parts back; undefined when it was not made by encodeCursor. */
export function decodeCursor(cursor: string, length: number): (string | number | boolean)[] | undefined {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined; // not JSON: a cursor that someone made up
  }
  const scalar = (part: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof part);
  return Array.isArray(key) && key.length === length && key.every(scalar) ? key : undefined;
}

/** What is wrong with a cursor that was made for another list. */
export const wrongCursor = (detail = 'is no cursor of this list'): Problem =>
  new Problem('validation-failed', `after ${detail}`, {
    violations: [{ pointer: '/after', code: 'wrong-cursor', detail }],
  });

/** The key of a list that is sorted by one text; undefined without a cursor. Throws `validation-failed` for another list's. */
export function readCursor(after: string | undefined): string | undefined {
  if (after === undefined) return undefined;
  const [key] = decodeCursor(after, 1) ?? [];
  if (typeof key !== 'string') throw wrongCursor();
  return key;
}

/** Makes a page from `limit + 1` fetched rows: the extra row only says that there is more. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => readonly (string | number | boolean)[],
): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const hasMore = rows.length > limit;
  return { data, page: { next: hasMore && last !== undefined ? encodeCursor(keyOf(last)) : null, hasMore } };
}
