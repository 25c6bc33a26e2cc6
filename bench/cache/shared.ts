import path from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { Cache } from '../../src/core';
import { workerOf } from './bounds';
import { ENTRIES, KEYS, LENGTH, SEED, trace, type TraceName } from './data';

/**
 * `shared <trace> <workers> <easy11|easy11 lru|lru-cache> [entries]`: a trace dealt out at random to worker threads, as a load balancer
 * does, and the share of requests that miss. easy11: one cache for all; lru-cache: a part of the number of entries for each.
 */
export interface SharedResult {
  readonly missRatio: number;
  readonly requests: number;
}
interface Part {
  readonly name: TraceName;
  readonly workers: number;
  readonly kind: string;
  readonly number: number;
  readonly entries: number;
  /** Where each worker is in the trace. */
  readonly places: Int32Array;
}

/** Requests come in the order of the trace: no worker is further ahead than this of the slowest. */
const AHEAD = 64;

function waitForTheOthers(places: Int32Array, number: number, i: number): void {
  Atomics.store(places, number, i);
  Atomics.notify(places, number);
  for (let other = 0; other < places.length; other++)
    for (let place; (place = Atomics.load(places, other)) < i - AHEAD;) Atomics.wait(places, other, place);
}

/** One cache for all workers. */
const open = (kind: string, max: number): Cache<string> =>
  new Cache<string>({ name: 'bench', max, policy: kind === 'easy11 lru' ? 'lru' : 's3-fifo' });

function run({ name, workers, kind, number, entries, places }: Part): { misses: number; requests: number } {
  const cache = kind.startsWith('easy11')
    ? open(kind, entries)
    : new LRUCache<string, string>({ max: Math.floor(entries / workers) });
  let [misses, requests] = [0, 0];
  trace(name, LENGTH, KEYS, SEED).forEach((id, i) => {
    if (workerOf(i, workers) !== number) return;
    waitForTheOthers(places, number, i);
    requests++;
    const key = `product:${id}`;
    if (cache.get(key) !== undefined) return;
    misses++;
    cache.set(key, `value of ${id}`);
  });
  Atomics.store(places, number, LENGTH + AHEAD);
  Atomics.notify(places, number);
  return { misses, requests };
}

async function main(): Promise<void> {
  const [name = 'zipf', count = '2', kind = 'easy11', room = String(ENTRIES)] = process.argv.slice(2);
  const [workers, entries] = [Number(count), Number(room)];
  // A handle of its own keeps the cache from one worker's end to another's beginning.
  using _kept = open(kind, entries);
  const places = new Int32Array(new SharedArrayBuffer(4 * workers));
  const parts = await Promise.all(
    Array.from({ length: workers }, async (_, number) => {
      const script = `require('tsx/cjs'); require(${JSON.stringify(path.join(__dirname, 'shared.ts'))})`;
      const workerData: Part = { name: name as TraceName, workers, kind, number, entries, places };
      const worker = new Worker(script, { eval: true, workerData });
      return new Promise<{ misses: number; requests: number }>((resolve, reject) =>
        worker.once('message', resolve).once('error', reject),
      );
    }),
  );
  const requests = parts.reduce((sum, part) => sum + part.requests, 0);
  const missRatio = parts.reduce((sum, part) => sum + part.misses, 0) / requests;
  console.log(JSON.stringify({ missRatio, requests } satisfies SharedResult));
}

if (isMainThread) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  parentPort?.postMessage(run(workerData as Part));
}
