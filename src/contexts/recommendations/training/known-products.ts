import type { SourceInteraction } from '../types';

/** The products of the catalogue, of whatever status, by their names: what somebody did with another is passed over. */
export class KnownProducts {
  readonly #ids = new Set<string>();
  readonly #bySku = new Map<string, string>();

  /** Reads all of them. Memory: O(products). */
  static async read(products: AsyncIterable<{ readonly id: string; readonly sku: string }>): Promise<KnownProducts> {
    const known = new KnownProducts();
    for await (const { id, sku } of products) {
      known.#ids.add(id);
      known.#bySku.set(sku, id);
    }
    return known;
  }

  idOf(product: SourceInteraction['product']): string | undefined {
    if ('sku' in product) return this.#bySku.get(product.sku);
    return this.#ids.has(product.id) ? product.id : undefined;
  }
}
