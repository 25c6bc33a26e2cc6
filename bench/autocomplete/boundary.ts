import Benchmark from 'benchmark';
import type { AutocompleteEngine } from '../../src/core/autocomplete/engine';
import { CALL_TITLES, callQueries, READS_NOTHING } from './calls';
import { makeCorpus, makeQueries } from './corpus';

/**
 * Operations per second of one backend, for the comparison of native with fallback, and what a call costs beyond the
 * search itself: the same query answered as ids and as full hits. Of the engine below the class, calls that calls.cc makes in
 * C++ too: the least of many rounds, since what is asked is what a call costs when nobody disturbs it. Prints one JSON line.
 */
export interface BoundaryResult {
  readonly backend: string;
  /** Operations per second by task. */
  readonly ops: Readonly<Record<string, number>>;
  /** Nanoseconds a call of the engine. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Nanoseconds a call in the fastest of many rounds, each so short that some are not interrupted. */
function least(task: () => unknown): number {
  const CALLS = 2_000;
  let best = Infinity;
  let kept: unknown;
  for (let round = 0; round < 1_500; round++) {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) kept = task();
    best = Math.min(best, performance.now() - start);
  }
  if (kept === undefined) throw new Error('nothing ran');
  return (best / CALLS) * 1e6;
}

/** The engine without the class around it, with the same entries. */
async function makeEngine(
  entries: readonly { id: string; text: string; weight: number }[],
): Promise<AutocompleteEngine> {
  const { openEngine } = await import('../../src/core/autocomplete/open-engine.js');
  const { engine } = openEngine();
  for (const { id, text, weight } of entries) engine.append(id, text, null, weight, Number.NaN, false, '');
  await engine.build(() => undefined).done;
  return engine;
}

async function main(): Promise<void> {
  const { Autocomplete } = await import('../../src/core/index.js');
  const corpus = makeCorpus(CALL_TITLES);
  const entries = corpus.titles.map((text, rank) => ({
    id: String(rank),
    text,
    weight: corpus.weights[rank] as number,
  }));
  const index = await Autocomplete.build(entries);
  const words = makeQueries(corpus, 'any word', 4096).map(({ query }) => query);
  const several = makeQueries(corpus, 'several words', 4096).map(({ query }) => query);
  const typos = makeQueries(corpus, 'typo', 4096).map(({ query }) => query);
  const [oneQuery] = words as [string];
  const engine = await makeEngine(entries);
  let next = 0;
  let kept: unknown;
  const suite = new Benchmark.Suite();
  const tasks: Record<string, () => unknown> = {
    'no hit (the call itself)': () => index.searchIds('qqqq', { fuzzy: false }),
    'one cached prefix, ids': () => index.searchIds(oneQuery, { fuzzy: false }),
    'one cached prefix, 10 hits without highlights': () => index.search(oneQuery, { fuzzy: false, highlight: false }),
    'one cached prefix, 10 hits': () => index.search(oneQuery, { fuzzy: false }),
    'any word, ids': () => index.searchIds(words[next++ & 4095] as string, { fuzzy: false }),
    'any word, 10 hits': () => index.search(words[next++ & 4095] as string, { fuzzy: false }),
    'several words, 10 hits': () => index.search(several[next++ & 4095] as string, { fuzzy: false }),
    'typo, 10 hits': () => index.search(typos[next++ & 4095] as string),
  };
  for (const [name, task] of Object.entries(tasks)) {
    suite.add(
      name,
      () => {
        kept = task();
      },
      { maxTime: 1, minSamples: 10 },
    );
  }
  const ops: Record<string, number> = {};
  const calls: Record<string, number> = { [READS_NOTHING]: least(() => engine.size()) };
  for (const [name, query] of callQueries(corpus)) calls[name] = least(() => engine.search(query, 10, 0));
  suite.on('cycle', ({ target }: { target: Benchmark }) => (ops[String(target.name)] = target.hz));
  suite.run({ async: false });
  if (kept === undefined) throw new Error('nothing ran');
  const result: BoundaryResult = { backend: index.backend, ops, calls };
  index.close();
  engine.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main();
