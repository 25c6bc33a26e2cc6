/** So many of an article. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** One line for each sku: two lines of the same article ask for their sum. In the order of first mention. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const merged = new Map<string, number>();
  for (const { sku, quantity } of lines) merged.set(sku, (merged.get(sku) ?? 0) + quantity);
  return [...merged].map(([sku, quantity]) => ({ sku, quantity }));
}
