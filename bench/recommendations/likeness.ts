import type { ProductTable } from '../../src/contexts/recommendations/product-table';
import type { ContentIndex } from '../../src/contexts/recommendations/serving/content';

/** Of the 40 most alike by comparing with every product, the share that is found; equals of the last of them count as found. */
export interface Recall {
  readonly products: number;
  readonly mean: number;
  readonly least: number;
  /** Mean likeness of what is found ÷ of what comparing with all finds. */
  readonly likeness: number;
}

/** Holds what is found by words against comparing with every product. */
export function recallOf(table: ProductTable, content: ContentIndex, rows: readonly number[]): Recall {
  const shares: number[] = [];
  let [found, best] = [0, 0];
  for (const row of rows) {
    const { cosines } = content.near(row);
    const all = new Float32Array(table.size);
    for (let other = 0; other < table.size; other++)
      if (other !== row && table.isActive(other)) all[other] = table.words.similarity(row, other);
    const most = all.sort().subarray(-cosines.length).reverse();
    const bar = (most.at(-1) ?? 0) - 1e-6;
    shares.push(cosines.filter((cosine) => cosine >= bar).length / Math.max(1, most.length));
    found += cosines.reduce((sum, cosine) => sum + cosine, 0);
    best += most.reduce((sum, cosine) => sum + cosine, 0);
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
  return { products: rows.length, mean, least: Math.min(...shares), likeness: found / Math.max(1e-9, best) };
}
