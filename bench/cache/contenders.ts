import { LRUCache } from 'lru-cache';
import { Cache } from '../../src/core';

/** What the measurements need of a cache of strings or objects. */
export interface Contender {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  close?(): void;
}

type Make = (max: number) => Contender | Promise<Contender>;

async function mnemonist(max: number): Promise<Contender> {
  const { LRUMap } = await import('mnemonist');
  return new LRUMap<string, unknown>(max);
}

async function quickLru(max: number): Promise<Contender> {
  const { default: QuickLRU } = await import('quick-lru');
  return new QuickLRU<string, unknown>({ maxSize: max });
}

export const CONTENDERS: Readonly<Record<string, Make>> = {
  /** Keeps nothing: what a measurement of memory finds of the loop around a cache. */
  nothing: () => ({ get: () => undefined, set: () => undefined }),
  'easy11 s3-fifo': (max) => new Cache({ max }),
  'easy11 lru': (max) => new Cache({ max, policy: 'lru' }),
  'easy11 parsed': (max) => new Cache({ max, parsedObjects: max }),
  'lru-cache': (max) => new LRUCache<string, NonNullable<unknown>>({ max }) as Contender,
  'quick-lru': quickLru,
  mnemonist,
  Map: () => new Map<string, unknown>(),
};
