import { Bench } from 'tinybench';
import { makeCorpus, makeQueries, MODES, randomSource, type Corpus, type Mode, type Typed } from './corpus';
import { CONTENDERS, type Contender } from './engines';
import { sameRanks, Truth } from './truth';

/** What an engine did in a process, by itself or in turns with others. Times are microseconds per query. */
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

const [engineText = 'native', sizeText = '50000', budgetText = '1500', checkText = '300', modesText = ''] =
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

type Times = Pick<ModeResult, 'p50' | 'p95' | 'p99'>;

/** Turns that the engines of a process take: short, so that a slow spell of the machine, which lasts for seconds, meets all of them. */
const TURNS = 10;

/** Asks all engines the same queries, in turns; each has its budget. */
function time(contenders: readonly Contender[], mode: Mode, queries: readonly string[]): Times[] {
  const asked = contenders.map((contender) => ({ contender, samples: [] as number[], next: 0 }));
  let kept: unknown;
  for (let turn = 0; turn < TURNS; turn++) {
    for (const one of asked) {
      const bench = new Bench({
        time: budgetMs / TURNS,
        warmup: turn === 0,
        warmupTime: Math.min(300, budgetMs / 4),
        iterations: 2,
        retainSamples: true,
        throws: true,
      });
      bench.add(mode, () => {
        kept = one.contender.search(queries[one.next++ % queries.length] as string, mode);
      });
      const [task] = bench.runSync();
      if (kept === undefined || task?.result.state !== 'completed')
        throw new Error(`${one.contender.name} did not run ${mode}`);
      for (const sample of task.result.latency.samples ?? []) one.samples.push(sample);
    }
  }
  return asked.map(({ samples }) => {
    samples.sort((a, b) => a - b);
    return {
      p50: quantile(samples, 0.5) * 1000,
      p95: quantile(samples, 0.95) * 1000,
      p99: quantile(samples, 0.99) * 1000,
    };
  });
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

interface Entrant {
  readonly contender: Contender;
  readonly buildSeconds: number;
  readonly bytes: number;
  readonly modes: ModeResult[];
}

async function enter(engine: string, corpus: Corpus): Promise<Entrant> {
  const make = CONTENDERS[engine];
  if (!make) throw new Error(`no engine "${engine}"; there are ${Object.keys(CONTENDERS).join(', ')}`);
  const contender = await make();
  const before = memory();
  const start = performance.now();
  await contender.build(corpus);
  const buildSeconds = (performance.now() - start) / 1000;
  return { contender, buildSeconds, bytes: contender.bytes?.() ?? memory() - before, modes: [] };
}

async function main(): Promise<void> {
  const corpus = makeCorpus(size);
  const truth = new Truth(corpus);
  const entrants: Entrant[] = [];
  for (const engine of engineText.split(',')) entrants.push(await enter(engine, corpus));
  for (const mode of MODES.filter((name) => !modesText || modesText.split(',').includes(name))) {
    const able = entrants.filter(({ contender }) => contender.modes.includes(mode));
    const queries = makeQueries(corpus, mode, 20_000);
    const step = Math.max(1, Math.floor(queries.length / Number(checkText)));
    const sample = queries.filter((_, i) => i % step === 0);
    const times = time(
      able.map(({ contender }) => contender),
      mode,
      queries.map(({ query }) => query),
    );
    able.forEach(({ contender, modes }, i) => {
      const exact = check(contender, mode, sample, truth, corpus.titles);
      modes.push({ mode, ...(times[i] as Times), exact, checked: sample.length });
    });
  }
  const results = entrants.map(({ contender, buildSeconds, bytes, modes }): EngineResult => {
    const updateP50 = updateCost(contender, corpus.titles);
    contender.close?.();
    return { engine: contender.name, size, buildSeconds, bytesPerTitle: bytes / size, updateP50, modes };
  });
  process.stdout.write(`${JSON.stringify(results)}\n`);
}

void main();
