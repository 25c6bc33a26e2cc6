import type { Hit } from '../../core';

/**
 * "red re": as long as its last word is the beginning of an earlier one, whatever is red matches both of them, and the
 * shopper who has begun to type "retrospot" would see red things only. So the best of the hits are looked over, and
 * those with a further word for the last one come first, each group in its order.
 */
export const LOOKED_OVER = 200;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];

/** The last word of a query that begins an earlier one, and how many it begins; undefined for any other query. */
export function repeatedBeginning(query: string): { readonly beginning: string; readonly times: number } | undefined {
  if (!query.includes(' ')) return undefined;
  const words = wordsOf(query);
  const beginning = words.pop();
  if (beginning === undefined) return undefined;
  const times = new Set(words.filter((word) => word.startsWith(beginning))).size;
  return times > 0 ? { beginning, times } : undefined;
}

/** Moves hits to the front that have more words with this beginning than the earlier words of the query account for. */
export function furtherWordsFirst(
  hits: readonly Hit[],
  { beginning, times }: { beginning: string; times: number },
): Hit[] {
  const further = (hit: Hit): boolean => wordsOf(hit.text).filter((word) => word.startsWith(beginning)).length > times;
  const first = hits.filter((hit) => hit.slip === 0 && further(hit));
  return [...first, ...hits.filter((hit) => !first.includes(hit))];
}
