import { Bench } from 'tinybench';
import { makeCorpus, makeQueries, randomSource, type Mode, type Typed } from './corpus';
import { CONTENDERS, type Contender } from './engines';
import { sameRanks, Truth } from './truth';

/** What one engine did in one process. Times are microseconds per query. */
export interface ModeResult {
  readonly mode: Mode;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Share of queries answered exactly; for 'typo', share where a title with the intended word is among the ten. */
  readonly exact: number;
  readonly checked: number;
}
export interface EngineResult {
  readonly engine: string;
  readonly size: number;
  readonly buildSeconds: number;
  readonly bytesPerTitle: number;
  /** Microseconds to change one title and see it in the next query; undefined without such an operation. */
  readonly updateP50: number | undefined;
  readonly modes: readonly ModeResult[];
}

const [engine = 'native', sizeText = '50000', budgetText = '1500', checkText = '300', modesText = ''] =
  process.argv.slice(2);
const size = Number(sizeText);
const budgetMs = Number(budgetText);

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

function time(contender: Contender, mode: Mode, queries: readonly string[]): Pick<ModeResult, 'p50' | 'p95' | 'p99'> {
  let next = 0;
  let kept: unknown;
  const bench = new Bench({
    time: budgetMs,
    warmupTime: Math.min(300, budgetMs / 4),
    iterations: 20,
    retainSamples: true,
    throws: true,
  });
  bench.add(mode, () => {
    kept = contender.search(queries[next++ % queries.length] as string, mode);
  });
  const [task] = bench.runSync();
  if (kept === undefined || task?.result.state !== 'completed')
    throw new Error(`${contender.name} did not run ${mode}`);
  const samples = [...(task.result.latency.samples ?? [])].sort((a, b) => a - b);
  return {
    p50: quantile(samples, 0.5) * 1000,
    p95: quantile(samples, 0.95) * 1000,
    p99: quantile(samples, 0.99) * 1000,
  };
}

/** Share of right answers over an even sample of the queries that are timed. */
function check(
  contender: Contender,
  mode: Mode,
  sample: readonly Typed[],
  truth: Truth,
  titles: readonly string[],
): number {
  const right = sample.filter(({ query, intended }) => {
    const ranks = [...contender.search(query, mode)].map(Number);
    if (mode !== 'typo') return sameRanks(ranks, truth.best(query, mode));
    return ranks.some((rank) => (titles[rank] as string).split(' ').includes(intended));
  });
  return right.length / sample.length;
}

function updateCost(contender: Contender, titles: readonly string[]): number | undefined {
  if (!contender.update) return undefined;
  const random = randomSource(5);
  const samples: number[] = [];
  const stop = performance.now() + Math.min(budgetMs, 1000);
  for (let i = 0; i < 2000 && performance.now() < stop; i++) {
    const rank = Math.floor(random() * titles.length);
    const start = performance.now();
    contender.update(rank, `${titles[rank]} fresh`);
    samples.push((performance.now() - start) * 1000);
    contender.update(rank, titles[rank] as string);
  }
  return quantile(
    samples.sort((a, b) => a - b),
    0.5,
  );
}

async function main(): Promise<void> {
  const make = CONTENDERS[engine];
  if (!make) throw new Error(`no engine "${engine}"; there are ${Object.keys(CONTENDERS).join(', ')}`);
  const corpus = makeCorpus(size);
  const truth = new Truth(corpus);
  const contender = await make();
  const before = memory();
  const start = performance.now();
  await contender.build(corpus);
  const buildSeconds = (performance.now() - start) / 1000;
  const bytes = contender.bytes?.() ?? memory() - before;
  const modes: ModeResult[] = [];
  for (const mode of contender.modes.filter((name) => !modesText || modesText.split(',').includes(name))) {
    const queries = makeQueries(corpus, mode, 20_000);
    const step = Math.max(1, Math.floor(queries.length / Number(checkText)));
    const sample = queries.filter((_, i) => i % step === 0);
    const timed = time(
      contender,
      mode,
      queries.map(({ query }) => query),
    );
    const exact = check(contender, mode, sample, truth, corpus.titles);
    modes.push({ mode, ...timed, exact, checked: sample.length });
  }
  const updateP50 = updateCost(contender, corpus.titles);
  const result: EngineResult = {
    engine: contender.name,
    size,
    buildSeconds,
    bytesPerTitle: bytes / size,
    updateP50,
    modes,
  };
  contender.close?.();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main();
