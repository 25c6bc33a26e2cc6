import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import type { Entry, Filter, SearchOptions } from '../../src/core/index.js';
import { median } from '../processes';
import { type Corpus, makeCorpus, makeQueries, randomSource } from './corpus';
import { CONTENDERS, type Contender } from './engines';
import { adversarialQueries, entriesOf, filtersOf, keystrokesByLength, SELECTIVITIES, slippedWords } from './goal-sets';
import type { GoalGroup } from './goal-table';
import { MISSPELLINGS } from './misspellings';
import { sameRanks, Truth } from './truth';

/**
 * The goals that the comparison of modes does not show, for one number of titles: each with its bound, its peer of the same
 * run where it has one, and the share of exact answers. Prints one JSON line.
 */
export interface Goal {
  readonly goal: string;
  readonly value: number;
  readonly unit: string;
  readonly bound: number;
  readonly peer?: string;
  /** Share of right answers, of `checked`. */
  readonly exact?: number;
  readonly checked?: number;
}

const [sizeText = '79000', checksText = '200', fts5Text = '', onlyText = ''] = process.argv.slice(2);
const size = Number(sizeText);
const checks = Number(checksText);
/** The groups of goals that are wanted; the build is part of each, because all are measured on what it made. */
const only = onlyText === '' ? undefined : onlyText.split(',');
const isWanted = (group: GoalGroup): boolean => only === undefined || only.includes(group);
const goals: Goal[] = [];
const EXACT: SearchOptions = { fuzzy: false };

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** Microseconds a call, of every query once after a warm-up; the slowest tenth of a per cent is the machine's. */
function time(queries: readonly string[], call: (query: string) => unknown): Times {
  for (const query of queries.slice(0, 300)) call(query);
  const samples = queries.map((query) => {
    const start = performance.now();
    call(query);
    return (performance.now() - start) * 1000;
  });
  return times(samples);
}

function times(samples: number[]): Times {
  samples.sort((a, b) => a - b);
  const at = (q: number): number => samples[Math.floor(q * samples.length)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function share(of: readonly unknown[], right: (query: string) => boolean): { exact: number; checked: number } {
  const step = Math.max(1, Math.floor(of.length / checks));
  const sample = of.filter((_, i) => i % step === 0) as string[];
  return { exact: sample.filter(right).length / sample.length, checked: sample.length };
}

function micros({ p50, p99 }: Times): string {
  return `p50 ${p50.toPrecision(3)}, p99 ${p99.toPrecision(3)} µs`;
}

async function building(entries: readonly Entry[]) {
  const { Autocomplete, backend } = await import('../../src/core/index.js');
  backend(); // Loads the addon: once a process, and no part of a build.
  globalThis.gc?.(); // What was made for the measuring is not the build's to collect.
  const late: number[] = [];
  const pauses: number[] = [0];
  const collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.push(duration);
  });
  collector.observe({ entryTypes: ['gc'] });
  let last = performance.now();
  let going = true;
  // A timer's view of the event loop: how late it comes is how long somebody held it.
  const turn = (): void => {
    const now = performance.now();
    late.push(Math.max(0, now - last - 1));
    last = now;
    if (going) setTimeout(turn, 1);
  };
  setTimeout(turn, 1);
  const cpu = process.cpuUsage();
  const index = await Autocomplete.build(entries);
  const used = process.cpuUsage(cpu);
  going = false;
  await new Promise((resolve) => setTimeout(resolve, 10)); // The observer is told of the last collections now.
  collector.disconnect();
  const { p50, p99 } = times(late);
  goals.push(
    { goal: 'build, CPU time', value: (used.user + used.system) / 1e6, unit: 's', bound: (3 * size) / 1e6 },
    {
      goal: 'build, longest hold of the event loop',
      value: Math.max(...late),
      unit: 'ms',
      bound: 1,
      peer: `p50 ${p50.toPrecision(2)}, p99 ${p99.toPrecision(2)}; V8's collector ${pauses.length - 1} times, ${Math.max(...pauses).toPrecision(2)} ms at most`,
    },
    {
      goal: 'memory with text, id, weight, category and price',
      value: index.stats().bytes / size,
      unit: 'B/title',
      bound: 120,
    },
  );
  return index;
}

type Index = Awaited<ReturnType<typeof building>>;

function latencies(index: Index, corpus: Corpus, truth: Truth, fts5: Contender | undefined): void {
  const ids = (query: string): number[] => index.searchIds(query, EXACT).map(Number);
  const hard = adversarialQueries(corpus, 3_000);
  const peer = fts5 && micros(time(hard.slice(0, 600), (query) => fts5.search(query, 'several words')));
  goals.push({
    goal: 'common words × rare prefixes, p99',
    value: time(hard, ids).p99,
    unit: 'µs',
    bound: 300,
    ...(peer && { peer: `FTS5 ${peer}` }),
    ...share(hard, (query) => sameRanks(ids(query), truth.best(query, 'several words'))),
  });
  const byLength = keystrokesByLength(corpus).map((queries) => time(queries, ids).p99);
  goals.push({
    goal: 'p99 by length of what is typed, 1 to 8, worst against best',
    value: Math.max(...byLength) / Math.min(...byLength),
    unit: '×',
    bound: 10,
    peer: byLength.map((p99) => p99.toPrecision(2)).join(', ') + ' µs',
  });
  for (const distance of [1, 2] as const) {
    const words = slippedWords(corpus, distance);
    goals.push({
      goal: `misspelt at distance ${distance}, p99`,
      value: time(words, (query) => index.searchIds(query)).p99,
      unit: 'µs',
      bound: distance === 1 ? 60 : Infinity,
    });
  }
}

/** Filtered answers against a scan in rank order. */
function filtered(index: Index, corpus: Corpus, entries: readonly Entry[]): void {
  const queries = makeQueries(corpus, 'any word', 3_000)
    .concat(makeQueries(corpus, 'several words', 1_000))
    .map(({ query }) => query);
  for (const selectivity of SELECTIVITIES) {
    let worst: Times = { p50: 0, p99: 0 };
    let right = 0;
    let checked = 0;
    for (const filter of filtersOf(selectivity)) {
      const options = { fuzzy: false, filter };
      const took = time(queries, (query) => index.searchIds(query, options));
      if (took.p99 > worst.p99) worst = took;
      const { exact, checked: asked } = share(queries, (query) =>
        sameRanks(index.searchIds(query, options).map(Number), scan(entries, query, filter)),
      );
      right += exact * asked;
      checked += asked;
    }
    goals.push({
      goal: `filter that lets ${selectivity * 100} % through, p99 of the worst field`,
      value: worst.p99,
      unit: 'µs',
      bound: 150,
      exact: right / checked,
      checked,
    });
  }
}

function scan(entries: readonly Entry[], query: string, { category, price, inStock }: Filter): number[] {
  const typed = query.split(' ');
  const last = typed.length - 1;
  const found: number[] = [];
  for (let rank = 0; rank < entries.length && found.length < 10; rank++) {
    const entry = entries[rank] as Entry;
    if (category !== undefined && !category.includes(entry.categories?.[0] as string)) continue;
    if (
      price &&
      !((entry.price as number) >= (price.gte as number) && (entry.price as number) <= (price.lte as number))
    )
      continue;
    if (inStock !== undefined && entry.inStock !== inStock) continue;
    const words = entry.text.split(' ');
    if (typed.every((word, i) => words.some((own) => (i === last ? own.startsWith(word) : own === word))))
      found.push(rank);
  }
  return found;
}

function updates(index: Index, corpus: Corpus, entries: readonly Entry[]): void {
  const random = randomSource(47);
  const queries = makeQueries(corpus, 'any word', 8_000)
    .concat(makeQueries(corpus, 'several words', 4_000))
    .map(({ query }) => query);
  const idle = time(queries, (query) => index.searchIds(query, EXACT));
  const change: number[] = [];
  const asked: number[] = [];
  const start = performance.now();
  let done = 0;
  // 10,000 changes a second, each followed by a query that sees it.
  for (let i = 0; i < 20_000; i++) {
    while (performance.now() - start < i / 10) done++;
    const entry = entries[Math.floor(random() * entries.length)] as Entry;
    const other = { ...entry, text: `${entry.text} fresh` }; // The caller has it already: making it is no part of the change.
    const before = performance.now();
    if (i % 2 === 0) index.set(other);
    else index.setWeight(entry.id, entry.weight + random());
    const between = performance.now();
    index.searchIds(queries[i % queries.length] as string, EXACT);
    asked.push((performance.now() - between) * 1000);
    change.push((between - before) * 1000);
  }
  const busy = times(asked);
  goals.push(
    {
      goal: 'a change, p50',
      value: times(change).p50,
      unit: 'µs',
      bound: 5,
      peer: `p99 ${times(change).p99.toPrecision(3)} µs`,
    },
    {
      goal: 'query p99 at 10,000 changes a second against idle',
      value: busy.p99 / idle.p99,
      unit: '×',
      bound: 2,
      peer: `idle ${micros(idle)}, busy ${micros(busy)}`,
    },
  );
  if (done < 0) throw new Error('never');
}

async function snapshots(index: Index): Promise<void> {
  const { Autocomplete } = await import('../../src/core/index.js');
  const folder = await mkdtemp(path.join(tmpdir(), 'easy11-bench-'));
  try {
    const file = path.join(folder, 'snapshot');
    let start = performance.now();
    await index.save(file);
    const saving = performance.now() - start;
    start = performance.now();
    const loaded = await Autocomplete.load(file);
    const loading = performance.now() - start;
    if (loaded.size !== index.size) throw new Error('a snapshot lost entries');
    loaded.close();
    const mapped = path.join(folder, 'mapped');
    await index.save(mapped, { index: true });
    const openings: number[] = [];
    const verifyings: number[] = [];
    for (let i = 0; i < 9; i++) {
      start = performance.now();
      const opened = await Autocomplete.open(mapped);
      openings.push(performance.now() - start);
      await opened.verify();
      verifyings.push(performance.now() - start);
      if (opened.size !== index.size) throw new Error('a snapshot lost entries');
      opened.close();
    }
    goals.push(
      {
        goal: 'snapshot, open in place',
        value: median(openings),
        unit: 'ms',
        bound: 5,
        peer: `median of 9, verified after ${median(verifyings).toFixed(0)} ms, ${((await stat(mapped)).size / size).toFixed(0)} B/title`,
      },
      {
        goal: 'snapshot, load (read, verify, index)',
        value: loading,
        unit: 'ms',
        bound: Infinity,
        peer: `saved in ${saving.toFixed(0)} ms, ${((await stat(file)).size / size).toFixed(0)} B/title`,
      },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Real misspellings: is a product with the word meant among the ten? One common word and a meant one per product. */
async function misspellings(): Promise<void> {
  const corpus = makeCorpus(20_000, 53);
  const random = randomSource(59);
  const meant = [...new Set(MISSPELLINGS.map((one) => one.meant))];
  const titles = corpus.titles.map((title) => `${title} ${meant[Math.floor(random() * meant.length)]}`);
  const real: Corpus = { titles, weights: corpus.weights };
  const hitRate = async (name: string): Promise<number> => {
    const contender = await (CONTENDERS[name] as () => Promise<Contender>)();
    await contender.build(real);
    const hits = MISSPELLINGS.filter(({ typed, meant: word }) =>
      contender.search(typed, 'typo').some((rank) => (titles[Number(rank)] as string).split(' ').includes(word)),
    );
    contender.close?.();
    return hits.length / MISSPELLINGS.length;
  };
  goals.push({
    goal: `${MISSPELLINGS.length} real misspellings, share with the word meant among ten`,
    value: await hitRate('native'),
    unit: '(at least)',
    bound: 0.92,
    peer: `MiniSearch ${(await hitRate('minisearch')).toFixed(3)}, uFuzzy ${(await hitRate('ufuzzy')).toFixed(3)}`,
  });
}

async function main(): Promise<void> {
  const corpus = makeCorpus(size);
  const truth = new Truth(corpus);
  const entries = entriesOf(corpus);
  const fts5 = fts5Text === 'fts5' ? await (CONTENDERS['fts5'] as () => Promise<Contender>)() : undefined;
  await fts5?.build(corpus);
  const index = await building(entries);
  if (isWanted('latencies')) latencies(index, corpus, truth, fts5);
  if (isWanted('filters')) filtered(index, corpus, entries);
  if (isWanted('snapshots')) await snapshots(index);
  if (isWanted('changes')) updates(index, corpus, entries);
  index.close();
  fts5?.close?.();
  if (isWanted('misspellings')) await misspellings();
  process.stdout.write(`${JSON.stringify(goals)}\n`);
}

void main();
