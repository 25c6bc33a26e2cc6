import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Claim } from '../claims';
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
export async function gateCache(): Promise<Claim[]> {
  const { cache } = JSON.parse(readFileSync(path.join(__dirname, '../gates.json'), 'utf8')) as { cache: CacheGates };
  const environment = { EASY11_BACKEND: 'native' };
  const shared = (kind: string): Promise<SharedResult> =>
    runWorker<SharedResult>('bench/cache/shared.ts', ['shop', '2', kind], environment);
  const [one, split] = [await shared('easy11'), await shared('lru-cache')];
  const memory = (kind: string): Promise<MemoryResult> =>
    runWorker<MemoryResult>('bench/cache/worker.ts', ['memory', kind, '200000'], environment);
  const [ours, theirs] = [await memory('easy11 s3-fifo/100'), await memory('lru-cache/100')];
  const many = (kind: string): Promise<ManyResult> =>
    runWorker<ManyResult>('bench/cache/worker.ts', ['many', kind, '100000'], environment);
  const [batch, objects] = [await many('easy11'), await many('lru-cache objects')];
  return [
    {
      claim: 'cache, two workers: misses against a cache for each',
      value: one.missRatio / split.missRatio,
      max: cache.missRatioOfTwoWorkers,
    },
    {
      claim: 'cache, memory of strings of 100 bytes against lru-cache, for each entry',
      value: ours.rss / ours.entries / (theirs.rss / theirs.entries),
      max: cache.memoryOfStrings,
    },
    {
      claim: 'cache, bytes beside key and value',
      value: (ours.held - ours.content) / ours.entries,
      max: cache.overheadBytes,
    },
    {
      claim: 'cache, 100 keys to JSON bytes against objects in lru-cache',
      value: batch.perCall / objects.perCall,
      max: cache.manyAgainstObjects,
    },
  ];
}
