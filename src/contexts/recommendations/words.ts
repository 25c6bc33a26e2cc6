import type { SearchableProduct } from '../catalogue';

/** How much each kind of word says of a product, beside its rareness. */
const WEIGHTS = { name: 1, brand: 0.8, category: 1, above: 0.5, price: 0.4 } as const;

/**
 * The words of a product, each with the weight of its kind: of its name, its brand, its category (and those above), and its band of
 * price, half an octave wide. There is always one. O(length of the name).
 */
export function wordsOf({ name, brand, category, price }: SearchableProduct): Map<string, number> {
  const words = new Map<string, number>();
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  for (const [text] of plain.matchAll(/[\p{L}\p{N}]+/gu)) if (text.length > 1) words.set(text, WEIGHTS.name);
  if (brand !== null) words.set(`brand:${brand}`, WEIGHTS.brand);
  if (category !== null) {
    words.set(`category:${category.id}`, WEIGHTS.category);
    for (const id of category.ancestorIds) words.set(`category:${id}`, WEIGHTS.above);
  }
  const band = price.amount > 0 ? Math.round(Math.log2(price.amount) * 2) : 'free';
  return words.set(`price:${price.currency}:${band}`, WEIGHTS.price);
}
