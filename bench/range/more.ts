import { type PageBins, type Position, RangeIndex } from '../../src/core';
import { makeRanges, type Products, type Range, randomSource } from './data';
import { columnsOf, type makeOurs, SCHEMA } from './ours';

/** What only we are asked. Microseconds a call, unless named otherwise. */
export interface More {
  readonly deepFirst: number;
  readonly deepLast: number;
  readonly cursorFirst: number;
  readonly cursorLast: number;
  readonly histogramWidth: number;
  readonly histogramDepth: number;
  readonly quantile: number;
  readonly disjunctive: number;
  readonly pageOfFive: number;
  readonly updateMean: number;
  readonly updateP99: number;
  readonly loadSeconds: number;
  readonly loadCpuSeconds: number;
  readonly bytesPerRow: number;
}

const cpu = (): number => process.cpuUsage().user + process.cpuUsage().system;

function time(calls: number, work: (i: number) => unknown): number {
  for (let i = 0; i < Math.min(calls, 50); i++) work(i);
  const rounds = Array.from({ length: 5 }, () => {
    const start = cpu();
    for (let i = 0; i < calls; i++) work(i);
    return (cpu() - start) / calls;
  });
  return rounds.sort((a, b) => a - b)[2] as number;
}

export async function measureMore({ index }: Awaited<ReturnType<typeof makeOurs>>, products: Products): Promise<More> {
  const calls = products.size > 500_000 ? 100 : 200;
  const [range] = makeRanges(products, 0.5, 1) as [Range];
  const price = { gte: range.lo, lte: range.hi };
  const where = { price, rating: { gte: 3 }, stock: { gte: 1 } };
  const deep = Math.min(10_000, Math.floor(index.count({ price }) / 20) - 1) * 20;
  const filteredDeep = Math.floor(index.count(where) / 20 - 1) * 20;
  const cursor = index.list({ by: 'price', where, offset: filteredDeep - 1, limit: 1 })[0] as Position;
  const edges = { bins: 50, min: price.gte, max: price.lte };
  const five = { price, rating: { gte: 3 }, stock: { gte: 1 }, popularity: { gte: 1.2 }, category: 'category 3' };
  const pageOfFive = (): unknown =>
    index.page({ where: five, by: 'popularity', facets: ['category'], histogram: { attribute: 'price', ...edges } });
  const bounds = { rating: [1, 5], stock: [0, 200], popularity: [1, 50] } as const;
  const histograms: Record<string, PageBins> = { price: edges };
  for (const [name, [min, max]] of Object.entries(bounds)) histograms[name] = { bins: 20, min, max };
  const without = Object.fromEntries(['category', ...Object.keys(histograms)].map((name) => [name, name]));
  const disjunctive = (): unknown => index.page({ where: five, facets: ['category'], histograms, without });
  const result = {
    deepFirst: time(calls, () => index.list({ by: 'price', where: { price } })),
    deepLast: time(calls, () => index.list({ by: 'price', where: { price }, offset: deep })),
    cursorFirst: time(calls, () => index.list({ by: 'price', where })),
    cursorLast: time(calls, () => index.list({ by: 'price', where, after: cursor })),
    histogramWidth: time(calls, () => index.histogram('price', { ...edges, where: { price } })),
    histogramDepth: time(calls, () => index.histogram('price', { bins: 50, equal: 'depth', where: { price } })),
    quantile: time(calls, () => index.quantiles('price', [0.5], { price })),
    disjunctive: time(calls / 10, disjunctive),
    pageOfFive: time(calls / 10, pageOfFive),
  };
  return { ...result, ...updates(index, products), ...(await load(products)) };
}

/** Random changes of price, up to a fifth up or down. */
function updates(index: RangeIndex, products: Products): Pick<More, 'updateMean' | 'updateP99'> {
  const random = randomSource(9);
  const count = products.size > 500_000 ? 300_000 : 50_000;
  const ids = Uint32Array.from({ length: count }, () => Math.floor(random() * products.size));
  const prices = Array.from(ids, (id) =>
    Math.max(50, Math.round((products.price[id] as number) * (0.8 + 0.4 * random()))),
  );
  const samples = new Float64Array(count);
  const start = cpu();
  for (let i = 0; i < count; i++) {
    const began = process.hrtime.bigint();
    index.update(ids[i] as number, { price: prices[i] as number });
    samples[i] = Number(process.hrtime.bigint() - began) / 1000;
  }
  const updateMean = (cpu() - start) / count;
  samples.sort();
  return { updateMean, updateP99: samples[Math.floor(count * 0.99)] as number };
}

async function load(products: Products): Promise<Pick<More, 'loadSeconds' | 'loadCpuSeconds' | 'bytesPerRow'>> {
  const columns = columnsOf(products);
  const whole = (): number => process.cpuUsage().user + process.cpuUsage().system;
  const [start, cpuStart] = [performance.now(), whole()];
  using index = await RangeIndex.fromColumns(SCHEMA, columns);
  return {
    loadSeconds: (performance.now() - start) / 1000,
    loadCpuSeconds: (whole() - cpuStart) / 1e6,
    bytesPerRow: index.stats().bytes / products.size,
  };
}
