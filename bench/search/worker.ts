import type { Projection } from '../../src/contexts/search/projection';
import type { Contender, Page } from './contender';
import { makeQuestions, makeShop, type Question, type ShopData } from './data';
import { makeOurs, readOurs } from './ours';
import { makeSqlite } from './sqlite';
import { FEW, Truth } from './truth';

export interface ShapeResult {
  /** Microseconds of the processor. */
  readonly p50: number;
  readonly p95: number;
  /** Products that match, on average. */
  readonly matches: number;
  /** The share of the questions looked at that is answered rightly. */
  readonly right: number;
}
export interface SearchResult {
  readonly shapes: Record<string, ShapeResult>;
  readonly figures: Record<string, number>;
}

/** So that each of the thirty commonest words is asked for twice before it is timed: a shop's process has answered thousands. */
const WARM_UP = 60;

/**
 * `bench/search/worker.ts CONTENDER SIZE EACH CHECKED`: asks `ours` or `sqlite` in this process, so many questions a shape, of
 * which so many are compared with the truth: that takes a look at every product for each.
 */
async function main(): Promise<void> {
  const [contender = 'ours', size = 100_000, each = 200, checked = 20] = [
    process.argv[2],
    ...process.argv.slice(3).map(Number),
  ];
  const shop = makeShop(size);
  const questions = makeQuestions(shop, each);
  const collect = (global as { gc?: () => void }).gc;
  collect?.();
  const before = process.memoryUsage();
  const start = performance.now();
  const ours = contender === 'ours' ? await makeOurs(shop, size) : undefined;
  const asked: Contender = ours ?? makeSqlite(shop, size);
  const built = (performance.now() - start) / 1000;
  collect?.();
  const after = process.memoryUsage();
  // Of every shape, before any is timed: what V8 compiles for one is not to be paid by another.
  for (const list of Object.values(questions)) warmUp(asked, list);
  const times = Object.entries(questions).map(([shape, list]) => [shape, timesOf(asked, list)] as const);
  const truth = new Truth(shop, size);
  const read = (json: string): Page => (ours ? readOurs(json) : readTheirs(json));
  const shapes = times.map(([shape, taken]) => {
    const list = questions[shape] as Question[];
    const pages = list.map((question) => read(asked.ask(question.asked)));
    const right = list.slice(0, checked).filter((question, i) => isRight(truth, question, pages[i] as Page)).length;
    const matches = pages.reduce((sum, { total }) => sum + total, 0) / pages.length;
    return [shape, { ...spread(taken), matches, right: right / Math.min(checked, list.length) }];
  });
  const figures = {
    'build, s': built,
    'resident, MB': (after.rss - before.rss) / 1e6,
    ...(ours ? { 'of it heap and arrays, MB': heapOf(after) - heapOf(before) } : {}),
    ...(ours ? changes(ours.projection, shop, size) : {}),
  };
  asked.close();
  console.log(JSON.stringify({ shapes: Object.fromEntries(shapes), figures } as SearchResult));
}

function warmUp(contender: Contender, questions: readonly Question[]): void {
  for (const { asked } of questions.slice(0, WARM_UP)) contender.ask(asked);
}

function timesOf(contender: Contender, questions: readonly Question[]): number[] {
  warmUp(contender, questions);
  return questions.map(({ asked }) => {
    // Texts are looked up anew: what a shopper asks first is what is measured.
    contender.forget?.();
    const begin = process.cpuUsage();
    contender.ask(asked);
    return microseconds(begin);
  });
}

/** The other contenders answer with a page as it is compared. */
function readTheirs(json: string): Page {
  const { total, ids, brand, category, inStock, price } = JSON.parse(json) as Page;
  return { total, ids, brand, category, inStock, price };
}

/**
 * Whether an answer is that of a look at every product: total, first page and all counts. Where a text has few matches
 * misspelt words may come behind them; of a misspelt word, all on the first page must have the word that was meant.
 */
function isRight(truth: Truth, { asked, meant }: Question, page: Page): boolean {
  if (meant !== undefined) return page.ids.length > 0 && page.ids.every((n) => truth.has(n, meant));
  const { page: expected, matches } = truth.page(asked);
  if (asked.q === undefined || matches >= FEW) return JSON.stringify(page) === JSON.stringify(expected);
  return expected.ids.every((n, at) => page.ids[at] === n);
}

function changes(projection: Projection, shop: ShopData, size: number): Record<string, number> {
  const taken = (change: (n: number) => Parameters<Projection['put']>[0], step: number): number[] =>
    Array.from({ length: 2000 }, (_, i) => {
      const product = change((i * step) % size);
      const begin = process.cpuUsage();
      projection.put(product);
      return microseconds(begin);
    });
  const prices = taken((n) => {
    const product = shop.product(n);
    return { ...product, price: { amount: product.price.amount + 5, currency: 'GBP' } };
  }, 7919);
  const names = taken((n) => ({ ...shop.product(n), name: `${shop.product(n).name} anew` }), 7907);
  return {
    'a price changes, µs p50': spread(prices).p50,
    'a price changes, µs p95': spread(prices).p95,
    'a name changes, µs p50': spread(names).p50,
    'a name changes, µs p95': spread(names).p95,
  };
}

const heapOf = ({ heapUsed, external }: NodeJS.MemoryUsage): number => (heapUsed + external) / 1e6;

/** Of the processor: what others do on the machine meanwhile is not ours. The collector's threads count. */
function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

function spread(taken: readonly number[]): { p50: number; p95: number } {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

if (require.main === module) void main();
