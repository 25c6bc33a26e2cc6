import { LRUCache } from 'lru-cache';
import { Cache } from '../../src/core';
import { CONTENDERS } from './contenders';
import { productOf, randomSource, textOf, trace, type TraceName } from './data';

/**
 * One measurement in a process of its own: `single <contender> <entries> <bytes|objects>`, `many <kind> <entries>`,
 * `memory <kind> <entries>`, `hits <trace> <share of keys>`. Times are nanoseconds of CPU of the whole process, the garbage
 * collector's threads included, which is what a machine that serves requests pays.
 */
export interface SingleResult {
  /** A key made for the request, as handlers do. */
  readonly getBuilt: number;
  /** A key that was looked up before, the same string. */
  readonly getInterned: number;
  /** A new key into a full cache. */
  readonly setEvict: number;
}
export interface ManyResult {
  readonly perCall: number;
  readonly bytes: number;
}
export interface MemoryResult {
  readonly rss: number;
  readonly heap: number;
  readonly entries: number;
  /** Keys and values alone. */
  readonly content: number;
  /** What the cache says of itself; 0 where it says nothing. */
  readonly held: number;
}
export type HitsResult = Readonly<Record<string, number>>;

const [mode = '', ...args] = process.argv.slice(2);

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Nanoseconds per call of `work`, the best of several rounds: noise of the machine only adds. */
function nanoseconds(rounds: number, calls: number, work: (i: number) => void): number {
  let best = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const start = cpu();
    for (let i = 0; i < calls; i++) work(i + round * calls);
    if (round > 0) best = Math.min(best, (cpu() - start) / calls);
  }
  return best;
}

async function single(name: string, entries: number, what: string): Promise<SingleResult> {
  const make = CONTENDERS[name];
  if (make === undefined) throw new Error(`no contender ${name}`);
  const cache = await make(entries);
  const valueOf = what === 'objects' ? productOf : (id: number): string => textOf(id, Number(what));
  const key = (id: number): string => `product:${id}`;
  for (let id = 0; id < entries; id++) cache.set(key(id), valueOf(id));
  const random = randomSource(5);
  const ids = Uint32Array.from({ length: 1 << 16 }, () => Math.floor(random() * entries));
  let seen = 0;
  const built = nanoseconds(5, 200_000, (i) => {
    if (cache.get(key(ids[i & 0xffff] as number)) !== undefined) seen++;
  });
  const interned = Array.from({ length: 1024 }, (_, i) => key(ids[i] as number));
  const same = nanoseconds(5, 200_000, (i) => {
    if (cache.get(interned[i & 1023] as string) !== undefined) seen++;
  });
  if (seen < 1_000_000) throw new Error(`${name}: ${seen} hits are too few`);
  const values = Array.from({ length: 256 }, (_, i) => valueOf(i));
  const evicting = name === 'Map' ? NaN : nanoseconds(4, 100_000, (i) => cache.set(`new:${i}`, values[i & 255]));
  cache.close?.();
  return { getBuilt: built, getInterned: same, setEvict: evicting };
}

/** 100 keys in, the bytes of a JSON array out. */
function many(kind: string, entries: number): ManyResult {
  const key = (id: number): string => `product:${id}`;
  const ours = new Cache<object>({ max: entries + entries / 8 });
  const objects = new LRUCache<string, object>({ max: entries });
  const texts = new LRUCache<string, string>({ max: entries });
  for (let id = 0; id < entries; id++) {
    if (kind === 'easy11') ours.set(key(id), productOf(id));
    else if (kind === 'lru-cache objects') objects.set(key(id), productOf(id));
    else texts.set(key(id), textFlat(JSON.stringify(productOf(id))));
  }
  const answers: Readonly<Record<string, (keys: string[]) => Buffer>> = {
    easy11: (keys) => ours.getManyJson(keys),
    'lru-cache objects': (keys) => Buffer.from(JSON.stringify(keys.map((one) => objects.get(one)))),
    'lru-cache texts': (keys) => Buffer.from(`[${keys.map((one) => texts.get(one)).join(',')}]`),
  };
  const answer = answers[kind];
  if (answer === undefined) throw new Error(`no answer ${kind}`);
  const random = randomSource(6);
  const request = (): string[] => Array.from({ length: 100 }, () => key(Math.floor(random() * entries)));
  const keys = request();
  const expected = JSON.stringify(keys.map((one) => productOf(Number(one.slice(8)))));
  if (answer(keys).toString() !== expected) throw new Error(`${kind}: a wrong answer`);
  // The ids of a request's products come from elsewhere: making the keys is measured alone, and taken off.
  const making = nanoseconds(5, 1_000, () => void request());
  const whole = nanoseconds(5, 1_000, () => void answer(request()));
  return { perCall: whole - making, bytes: Buffer.byteLength(expected) };
}

function textFlat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

async function memory(kind: string, entries: number): Promise<MemoryResult> {
  const [name = '', what = '100'] = kind.split('/');
  const valueOf = what === 'objects' ? productOf : (id: number): string => textOf(id, Number(what));
  const make = CONTENDERS[name];
  if (make === undefined) throw new Error(`no contender ${name}`);
  const settle = async (): Promise<NodeJS.MemoryUsage> => {
    for (let i = 0; i < 4; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage();
  };
  const before = await settle();
  const cache = await make(entries);
  let content = 0;
  for (let id = 0; id < entries; id++) {
    const value = valueOf(id);
    cache.set(`product:${id}`, value);
    content += `product:${id}`.length + (typeof value === 'string' ? value.length : JSON.stringify(value).length);
  }
  const after = await settle();
  const stats = cache instanceof Cache ? cache.stats() : undefined;
  return {
    rss: after.rss - before.rss,
    heap: after.heapUsed - before.heapUsed,
    entries: stats?.entries ?? entries,
    content: stats === undefined ? content : stats.bytes - 32 * stats.entries,
    held: stats?.heldBytes ?? 0,
  };
}

/** Hit rates of one thread at equal numbers of entries. */
function hits(name: TraceName, share: number): HitsResult {
  const keys = 50_000;
  const requests = trace(name, 600_000, keys, 7);
  const max = Math.floor(keys * share);
  const rate = (cache: { get(key: string): unknown; set(key: string, value: number): unknown }): number => {
    let found = 0;
    for (const id of requests) {
      const key = `product:${id}`;
      if (cache.get(key) !== undefined) found++;
      else cache.set(key, id);
    }
    return found / requests.length;
  };
  return {
    'easy11 s3-fifo': rate(new Cache({ max })),
    'easy11 lru': rate(new Cache({ max, policy: 'lru' })),
    'lru-cache': rate(new LRUCache<string, number>({ max })),
  };
}

async function main(): Promise<unknown> {
  if (mode === 'single') return single(args[0] ?? '', Number(args[1]), args[2] ?? '100');
  if (mode === 'many') return many(args[0] ?? '', Number(args[1]));
  if (mode === 'memory') return memory(args[0] ?? '', Number(args[1]));
  if (mode === 'hits') return hits(args[0] as TraceName, Number(args[1]));
  throw new Error(`no measurement ${mode}`);
}

main().then(
  (result) => console.log(JSON.stringify(result)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
