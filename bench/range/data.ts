/** Generated products, the same in every process: prices log-normal, popularity heavy-tailed, categories by Zipf. */
export interface Products {
  readonly size: number;
  readonly price: Int32Array;
  readonly rating: Float32Array;
  readonly popularity: Float32Array;
  readonly stock: Int32Array;
  readonly created: Int32Array;
  readonly category: Uint16Array;
}

export const CATEGORIES = 200;
export const categoryName = (code: number): string => `category ${code}`;

export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function makeProducts(size: number): Products {
  const random = randomSource(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const products = {
    size,
    price: new Int32Array(size),
    rating: new Float32Array(size),
    popularity: new Float32Array(size),
    stock: new Int32Array(size),
    created: new Int32Array(size),
    category: new Uint16Array(size),
  };
  for (let i = 0; i < size; i++) {
    products.price[i] = Math.min(9_999_999, Math.max(50, Math.round(Math.exp(8 + 1.1 * normal()))));
    products.rating[i] = Math.round(10 * Math.min(5, Math.max(1, 3.9 + 0.7 * normal()))) / 10;
    products.popularity[i] = Math.fround((1 - random()) ** -0.8);
    products.stock[i] = random() < 0.15 ? 0 : 1 + Math.floor(random() * 200);
    products.created[i] = 20_000 + Math.floor(random() * 2_000);
    products.category[i] = Math.floor(CATEGORIES * random() ** 2);
  }
  return products;
}

export interface Range {
  readonly lo: number;
  readonly hi: number;
  /** A price that nine tenths of the range's rows do not exceed. */
  readonly late: number;
}

/** Price ranges that hold about `share` of the products. */
export function makeRanges(products: Products, share: number, count: number): Range[] {
  const random = randomSource(Math.round(share * 1e6) + 1);
  const sorted = products.price.slice().sort();
  return Array.from({ length: count }, () => {
    const begin = Math.floor(random() * (1 - share) * sorted.length);
    const end = Math.min(sorted.length - 1, begin + Math.floor(share * sorted.length));
    const late = sorted[Math.floor(begin + 0.9 * (end - begin))] as number;
    return { lo: sorted[begin] as number, hi: sorted[end] as number, late };
  });
}
