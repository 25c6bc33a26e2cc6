import path from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { Cache } from '../../src/core';
import { trace, type TraceName } from './data';

/**
 * `shared <trace> <workers> <easy11|lru-cache>`: a trace dealt out at random to worker threads, as a load balancer does, and
 * the share of requests that miss. easy11: one cache for all; lru-cache: a part of the same number of entries for each.
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
}

const KEYS = 50_000;
const LENGTH = 400_000;
const ENTRIES = KEYS / 20;

function run({ name, workers, kind, number }: Part): { misses: number; requests: number } {
  const cache =
    kind === 'easy11'
      ? new Cache<string>({ name: 'bench', max: ENTRIES })
      : new LRUCache<string, string>({ max: Math.floor(ENTRIES / workers) });
  let [misses, requests] = [0, 0];
  trace(name, LENGTH, KEYS, 8).forEach((id, i) => {
    if ((Math.imul(i + 1, 0x9e3779b1) >>> 8) % workers !== number) return;
    requests++;
    const key = `product:${id}`;
    if (cache.get(key) !== undefined) return;
    misses++;
    cache.set(key, `value of ${id}`);
  });
  return { misses, requests };
}

async function main(): Promise<void> {
  const [name = 'zipf', workers = '2', kind = 'easy11'] = process.argv.slice(2);
  // A handle of its own keeps the cache from one worker's end to another's beginning.
  using _kept = new Cache<string>({ name: 'bench', max: ENTRIES });
  const parts = await Promise.all(
    Array.from({ length: Number(workers) }, async (_, number) => {
      const script = `require('tsx/cjs'); require(${JSON.stringify(path.join(__dirname, 'shared.ts'))})`;
      const worker = new Worker(script, { eval: true, workerData: { name, workers: Number(workers), kind, number } });
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
