import Benchmark from 'benchmark';
import { makeCorpus, makeQueries } from './corpus';

/**
 * Operations per second of one backend, for the comparison of native with fallback, and what a call costs beyond the
 * search itself: the same query answered as ids and as full hits. Prints one JSON line.
 */
export interface BoundaryResult {
  readonly backend: string;
  /** Operations per second by task. */
  readonly ops: Readonly<Record<string, number>>;
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
  suite.on('cycle', ({ target }: { target: Benchmark }) => (ops[String(target.name)] = target.hz));
  suite.run({ async: false });
  if (!Array.isArray(kept)) throw new Error('nothing ran');
  const result: BoundaryResult = { backend: index.backend, ops };
  index.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main();
