import { decodeCursor, encodeCursor } from '../../../kernel/pages';

/** The last product of a page: where it stood in the order of the page. */
export interface CursorKey {
  readonly tier: number;
  readonly value: number;
  readonly id: string;
}

/** Opaque to clients. Good for the order that it was made for, whatever became of the product since. */
export const cursorOf = (sort: string, { tier, value, id }: CursorKey): string => encodeCursor([sort, tier, value, id]);

/** Reads a cursor back; undefined when it was not made for this order. */
export function keyOf(cursor: string, sort: string): CursorKey | undefined {
  const [madeFor, tier, value, id] = decodeCursor(cursor, 4) ?? [];
  const isTier = typeof tier === 'number' && Number.isInteger(tier) && tier >= 0 && tier < 256;
  const isValue = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 2 ** 53;
  return madeFor === sort && isTier && isValue && typeof id === 'string' ? { tier, value, id } : undefined;
}
