import { RangeIndex } from '../../src/core';
import { DEPTHS } from './contender';
import { makeRanges, type Products, type Range, randomSource } from './data';
import { columnsOf, fiveOf, type makeOurs, SCHEMA } from './ours';

/** What only we are asked. Microseconds of the processor a call, unless named otherwise. */
export interface More {
  /** Five conditions: the total, the 20 most popular, the categories and 50 bins of price. */
  readonly pageOfFive: number;
  readonly updateMean: number;
  /** By the clock. */
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
  return rounds.sort((a, b) => a - b)[1] as number;
}

type Ours = Awaited<ReturnType<typeof makeOurs>>;

/** Measured before anything is changed, as what it is compared with. */
export function measurePageOfFive({ index }: Ours, products: Products): number {
  const ranges = makeRanges(products, 0.5, 8);
  return time(index.backend === 'native' ? 200 : 8, (i) => {
    const range = ranges[i % ranges.length] as Range;
    const histogram = { attribute: 'price', bins: DEPTHS, min: range.lo, max: range.hi };
    index.page({ where: fiveOf(range), by: 'popularity', facets: ['category'], histogram });
  });
}

export async function measureMore({ index }: Ours, products: Products, pageOfFive: number): Promise<More> {
  return { pageOfFive, ...updates(index, products), ...(await load(products)) };
}

/** Random changes of price, up to a fifth up or down: the mean without a clock in between, then each by the clock. */
function updates(index: RangeIndex, products: Products): Pick<More, 'updateMean' | 'updateP99'> {
  const random = randomSource(9);
  const count = products.size > 500_000 ? 300_000 : 50_000;
  const ids = Uint32Array.from({ length: count }, () => Math.floor(random() * products.size));
  const prices = Array.from(ids, (id) =>
    Math.max(50, Math.round((products.price[id] as number) * (0.8 + 0.4 * random()))),
  );
  const change = (i: number, plus: number): unknown =>
    index.update(ids[i] as number, { price: (prices[i] as number) + plus });
  const start = cpu();
  for (let i = 0; i < count; i++) change(i, 0);
  const updateMean = (cpu() - start) / count;
  const samples = Float64Array.from({ length: count / 5 }, (_, i) => {
    const began = process.hrtime.bigint();
    change(i, 7);
    return Number(process.hrtime.bigint() - began) / 1000;
  }).sort();
  return { updateMean, updateP99: samples[Math.floor(samples.length * 0.99)] as number };
}

async function load(products: Products): Promise<Pick<More, 'loadSeconds' | 'loadCpuSeconds' | 'bytesPerRow'>> {
  const columns = columnsOf(products);
  const [start, cpuStart] = [performance.now(), cpu()];
  using index = await RangeIndex.fromColumns(SCHEMA, columns);
  return {
    loadSeconds: (performance.now() - start) / 1000,
    loadCpuSeconds: (cpu() - cpuStart) / 1e6,
    bytesPerRow: index.stats().bytes / products.size,
  };
}
