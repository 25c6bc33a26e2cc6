import { searchQuerySchema, type SearchAnswer } from '../../src/contexts/search';
import { Projection } from '../../src/contexts/search/projection';
import { makeQuestions, makeShop, type Asked, type ShopData } from './data';

export interface SearchResult {
  /** Microseconds of the processor by shape. */
  readonly times: Record<
    string,
    { readonly p50: number; readonly p95: number; readonly most: number; readonly matches: number }
  >;
  readonly figures: Record<string, number>;
}

/** `bench/search/worker.ts SIZE EACH`: builds the search context's index in this process and asks it. */
async function main(): Promise<void> {
  const [size = 100_000, each = 200] = process.argv.slice(2).map(Number);
  const shop = makeShop(size);
  const questions = makeQuestions(shop, each);
  const collect = (global as { gc?: () => void }).gc;
  collect?.();
  const before = process.memoryUsage();
  const start = performance.now();
  const projection = await Projection.build(() => stream(shop, size), new AbortController().signal);
  const built = performance.now() - start;
  collect?.();
  const after = process.memoryUsage();
  const ask = (asked: Asked): SearchAnswer => {
    const query = searchQuerySchema.parse({ facets: 'category,brand,inStock,price', ...asked });
    return JSON.parse(projection.search(query)) as SearchAnswer;
  };
  const times: SearchResult['times'] = {};
  for (const [shape, list] of Object.entries(questions)) {
    for (const asked of list.slice(0, 40)) ask(asked);
    let matches = 0;
    const taken = list.map((asked) => {
      // Texts are looked up anew: what a shopper asks first is what is measured.
      projection.put(shop.product(size));
      projection.remove(shop.product(size).id);
      const query = searchQuerySchema.parse({ facets: 'category,brand,inStock,price', ...asked });
      const begin = process.cpuUsage();
      const answer = projection.search(query);
      const took = microseconds(begin);
      matches += (JSON.parse(answer) as SearchAnswer).total;
      return took;
    });
    times[shape] = { ...spread(taken), matches: Math.round(matches / list.length) };
  }
  const changes = Array.from({ length: 2000 }, (_, i) => {
    const product = shop.product((i * 7919) % size);
    const changed = { ...product, price: { amount: product.price.amount + 5, currency: 'GBP' } };
    const begin = process.cpuUsage();
    projection.put(changed);
    return microseconds(begin);
  });
  const renames = Array.from({ length: 2000 }, (_, i) => {
    const product = shop.product((i * 7907) % size);
    const begin = process.cpuUsage();
    projection.put({ ...product, name: `${product.name} anew` });
    return microseconds(begin);
  });
  const figures = {
    'build, s': built / 1000,
    'heap and arrays, MB': (after.heapUsed + after.external - before.heapUsed - before.external) / 1e6,
    'resident, MB': (after.rss - before.rss) / 1e6,
    'a price changes, µs p50': spread(changes).p50,
    'a price changes, µs p95': spread(changes).p95,
    'a name changes, µs p50': spread(renames).p50,
    'a name changes, µs p95': spread(renames).p95,
  };
  projection.close();
  console.log(JSON.stringify({ times, figures } satisfies SearchResult));
}

async function* stream(shop: ShopData, size: number): AsyncGenerator<ReturnType<ShopData['product']>> {
  for (let n = 0; n < size; n++) yield shop.product(n);
}

/** Of the processor: what others do on the machine meanwhile is not ours. The collector's threads count. */
export function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

export function spread(taken: readonly number[]): { p50: number; p95: number; most: number } {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), most: at(1) };
}

if (require.main === module) void main();
