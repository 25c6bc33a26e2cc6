import { median, runWorker, table } from '../processes';
import { missesOfBelady, missesOfLru } from './bounds';
import { ENTRIES, KEYS, LENGTH, SEED, trace } from './data';
import type { SharedResult } from './shared';
import type { HitsResult, ManyResult, MemoryResult, SingleResult } from './worker';

const WORKER = 'bench/cache/worker.ts';
const SHARED = 'bench/cache/shared.ts';
const NATIVE = { EASY11_BACKEND: 'native' };
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const ns = (value: number): string => (Number.isFinite(value) ? `${Math.round(value).toLocaleString('en')} ns` : '–');

/** Every kind in processes of its own, in turn; each figure is the median over them. */
async function medians<T extends object>(
  kinds: readonly string[],
  runs: number,
  args: (kind: string) => string[],
): Promise<Map<string, T>> {
  const seen = new Map<string, T[]>();
  for (let run = 0; run < runs; run++) {
    for (const kind of kinds) {
      process.stderr.write(`  cache, run ${run + 1}/${runs}, ${args(kind).join(' ')} …\n`);
      seen.set(kind, [...(seen.get(kind) ?? []), await runWorker<T>(WORKER, args(kind), NATIVE)]);
    }
  }
  return new Map(
    [...seen].map(([kind, results]) => {
      const [first] = results as [T];
      const figures = Object.keys(first).map((key) => [
        key,
        median(results.map((one) => (one as Record<string, number>)[key] ?? Number.NaN)),
      ]);
      return [kind, Object.fromEntries(figures) as T];
    }),
  );
}

async function single(what: string, runs: number): Promise<string> {
  const kinds = ['easy11 s3-fifo', 'easy11 lru', ...(what === 'objects' ? ['easy11 parsed'] : []), 'lru-cache'];
  const results = await medians<SingleResult>([...kinds, 'quick-lru', 'mnemonist', 'Map'], runs, (kind) => [
    'single',
    kind,
    '100000',
    what,
  ]);
  const rows = [...results].map(([kind, one]) => [kind, ns(one.getBuilt), ns(one.getInterned), ns(one.setEvict)]);
  const title = what === 'objects' ? 'objects' : `strings of ${what} bytes`;
  return `One call, 100,000 ${title}, CPU time\n\n${table(['cache', 'get, key made for the request', 'get, the same key string', 'set that evicts'], rows)}`;
}

async function many(runs: number): Promise<string> {
  const kinds = ['easy11', 'lru-cache objects', 'lru-cache texts'];
  const rows: string[][] = [];
  for (const entries of [100_000, 1_000_000]) {
    const results = await medians<ManyResult>(kinds, runs, (kind) => ['many', kind, String(entries)]);
    const ours = results.get('easy11')?.perCall ?? Number.NaN;
    for (const [kind, { perCall }] of results)
      rows.push([
        `${entries.toLocaleString('en')} products, ${kind}`,
        `${(perCall / 1000).toFixed(0)} µs`,
        `${(perCall / ours).toFixed(1)}×`,
      ]);
  }
  return `100 keys to the bytes of a JSON array, CPU time\n\n${table(['cache', 'a call', 'against ours'], rows)}`;
}

async function memory(runs: number): Promise<string> {
  const rows: string[][] = [];
  for (const what of ['100', 'objects']) {
    const results = await medians<MemoryResult>(['nothing', 'easy11 s3-fifo', 'lru-cache'], runs, (kind) => [
      'memory',
      `${kind}/${what}`,
      '300000',
    ]);
    const left = results.get('nothing')?.rss ?? 0;
    for (const [kind, one] of results)
      rows.push([
        `${what === 'objects' ? 'objects' : 'strings of 100 bytes'}, ${kind}`,
        `${(one.rss / one.entries).toFixed(0)} B`,
        `${((one.rss - left) / one.entries).toFixed(0)} B`,
        `${(one.heap / 1e6).toFixed(1)} MB`,
        one.held ? `${((one.held - one.content) / one.entries).toFixed(0)} B` : '–',
      ]);
  }
  return `Memory of 300,000 entries\n\n${table(['cache', 'resident, an entry', 'without what the loop leaves', 'JavaScript heap', 'beside key and value'], rows)}`;
}

async function hitRates(): Promise<string> {
  const rows: string[][] = [];
  let names: string[] = [];
  for (const trace of ['zipf', 'scans', 'shop']) {
    for (const share of ['0.01', '0.05']) {
      const rates = await runWorker<HitsResult>(WORKER, ['hits', trace, share], NATIVE);
      names = Object.keys(rates);
      rows.push([`${trace}, room for ${percent(Number(share))} of the keys`, ...Object.values(rates).map(percent)]);
    }
  }
  return `Hit rates on generated traces, one thread\n\n${table(['trace', ...names], rows)}`;
}

/**
 * Misses at equal numbers of entries and at equal memory: what an entry of each takes is measured first. Beside them what one LRU for all
 * would miss, and what no policy can get below.
 */
async function shared(): Promise<string> {
  const bytes = async (kind: string): Promise<number> => {
    const { rss, entries } = await runWorker<MemoryResult>(WORKER, ['memory', `${kind}/100`, '300000'], NATIVE);
    return rss / entries;
  };
  const more = (await bytes('lru-cache')) / (await bytes('easy11 s3-fifo'));
  const room = Math.floor(ENTRIES * more);
  const ids = trace('shop', LENGTH, KEYS, SEED);
  const rows: string[][] = [];
  for (const workers of [2, 4, 8]) {
    const of = async (kind: string, entries: number): Promise<number> =>
      (await runWorker<SharedResult>(SHARED, ['shop', String(workers), kind, String(entries)], NATIVE)).missRatio;
    const theirs = await of('lru-cache', ENTRIES);
    const all = [
      await of('easy11', ENTRIES),
      await of('easy11', room),
      await of('easy11 lru', room),
      missesOfLru(ids, 1, ENTRIES) / LENGTH,
      missesOfBelady(ids, ENTRIES) / LENGTH,
      missesOfBelady(ids, room) / LENGTH,
    ];
    const cells = all.map((misses) => `${percent(misses)} (${(misses / theirs).toFixed(2)})`);
    rows.push([`${workers} workers`, percent(theirs), ...cells]);
  }
  const head = [
    'shop trace',
    'an lru-cache for each',
    'one easy11, as many entries',
    `one easy11, as much memory (${more.toFixed(2)} times the entries)`,
    'the same, policy lru',
    'one LRU for all',
    'Belady, as many entries',
    'Belady, as much memory',
  ];
  return `Misses, room for 5 % of the keys in all (and their share of those of an lru-cache for each)\n\n${table(head, rows)}`;
}

/** The cache's section of the report, beside lru-cache, quick-lru, mnemonist and a Map that forgets nothing. */
export async function benchCache(runs: number): Promise<string> {
  const parts = [
    await single('100', runs),
    await single('1024', runs),
    await single('objects', runs),
    await many(runs),
    await memory(runs),
    await hitRates(),
    await shared(),
  ];
  return `### Cache\n\n${parts.join('\n\n')}`;
}
