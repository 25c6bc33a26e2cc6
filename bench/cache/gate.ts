import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runWorker } from '../processes';
import type { SharedResult } from './shared';
import type { ManyResult, MemoryResult } from './worker';

interface CacheGates {
  readonly missRatioOfTwoWorkers: number;
  readonly memoryOfStrings: number;
  readonly overheadBytes: number;
  readonly manyAgainstObjects: number;
}

/** The claims of gates.json under "cache", against lru-cache in the same run. */
export async function gateCache(report: (claim: string, value: number, max: number) => void): Promise<void> {
  const { cache } = JSON.parse(readFileSync(path.join(__dirname, '../gates.json'), 'utf8')) as { cache: CacheGates };
  const environment = { EASY11_BACKEND: 'native' };
  const shared = (kind: string): Promise<SharedResult> =>
    runWorker<SharedResult>('bench/cache/shared.ts', ['shop', '2', kind], environment);
  const [one, split] = [await shared('easy11'), await shared('lru-cache')];
  report(
    'cache, two workers: misses against a cache for each',
    one.missRatio / split.missRatio,
    cache.missRatioOfTwoWorkers,
  );
  const memory = (kind: string): Promise<MemoryResult> =>
    runWorker<MemoryResult>('bench/cache/worker.ts', ['memory', kind, '200000'], environment);
  const [ours, theirs] = [await memory('easy11 s3-fifo/100'), await memory('lru-cache/100')];
  report(
    'cache, memory of strings of 100 bytes against lru-cache, for each entry',
    ours.rss / ours.entries / (theirs.rss / theirs.entries),
    cache.memoryOfStrings,
  );
  report('cache, bytes beside key and value', (ours.held - ours.content) / ours.entries, cache.overheadBytes);
  const many = (kind: string): Promise<ManyResult> =>
    runWorker<ManyResult>('bench/cache/worker.ts', ['many', kind, '100000'], environment);
  const [batch, objects] = [await many('easy11'), await many('lru-cache objects')];
  report(
    'cache, 100 keys to JSON bytes against objects in lru-cache',
    batch.perCall / objects.perCall,
    cache.manyAgainstObjects,
  );
}
