import Benchmark from 'benchmark';
import type { AutocompleteEngine } from '../../src/core/autocomplete/engine';
import { makeCorpus, makeQueries } from './corpus';

/**
 * Operations per second of one backend, for the comparison of native with fallback, and what a call costs beyond the
 * search itself: the same query answered as ids and as full hits. Of the engine below the class, a call that reads nothing and
 * one with a text without a word, which crosses the boundary with all that a search does and has nothing to look for: the
 * least of many rounds, since what is asked is what a call costs when nobody disturbs it. Prints one JSON line.
 */
export interface BoundaryResult {
  readonly backend: string;
  /** Operations per second by task. */
  readonly ops: Readonly<Record<string, number>>;
}

/** Operations per second in the fastest of many rounds. */
function least(task: () => unknown): number {
  const CALLS = 100_000;
  let best = Infinity;
  let kept: unknown;
  for (let round = 0; round < 30; round++) {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) kept = task();
    best = Math.min(best, performance.now() - start);
  }
  if (kept === undefined) throw new Error('nothing ran');
  return (CALLS / best) * 1000;
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
  const corpus = makeCorpus(50_000);
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
  const ops: Record<string, number> = {
    'engine: a call that reads nothing': least(() => engine.size()),
    'engine: four signs that are no word': least(() => engine.search('!!!!', 10, 0)),
    'engine: no hit': least(() => engine.search('qqqq', 10, 0)),
    'engine: one cached prefix': least(() => engine.search(oneQuery, 10, 0)),
  };
  suite.on('cycle', ({ target }: { target: Benchmark }) => (ops[String(target.name)] = target.hz));
  suite.run({ async: false });
  if (kept === undefined) throw new Error('nothing ran');
  const result: BoundaryResult = { backend: index.backend, ops };
  index.close();
  engine.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main();
