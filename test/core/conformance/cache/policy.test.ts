import { Cache } from '../../../../src/core';
import {
  LruSimulator,
  S3FifoSimulator,
  scannedTrace,
  type Simulator,
  uniformTrace,
  zipfTrace,
} from '../../../support/cache-simulator';
import { Random } from '../../../support/random';

const random = new Random(11);
const traces: [string, string[]][] = [
  ['uniform', uniformTrace(random, 4_000, 300)],
  ['Zipf 1.0', zipfTrace(random, 6_000, 1_500, 1)],
  ['Zipf 0.7', zipfTrace(random, 4_000, 1_000, 0.7)],
  ['Zipf with scans', scannedTrace(random, 4_000, 1_000, 1)],
];
const policies = ['s3-fifo', 'lru'] as const;

/** The positions at which the two disagree. */
function differences(
  cache: Cache,
  simulator: Simulator,
  trace: readonly string[],
  valueOf: (key: string) => string,
): number[] {
  const wrong: number[] = [];
  trace.forEach((key, i) => {
    const value = cache.get(key);
    if (value === undefined) cache.set(key, valueOf(key));
    else expect(value).toBe(valueOf(key));
    if (simulator.request(key) !== (value !== undefined)) wrong.push(i);
  });
  return wrong;
}

describe.each(policies)('the policy %s', (policy) => {
  const Simulated = policy === 'lru' ? LruSimulator : S3FifoSimulator;

  test.each(traces)('hits where the reference simulator hits, bounded by entries: %s', (_, trace) => {
    for (const max of [1, 2, 9, 100]) {
      using cache = new Cache({ policy, max });
      expect(differences(cache, new Simulated(max), trace, (key) => key)).toEqual([]);
      expect(cache.size).toBeLessThanOrEqual(max);
    }
  });

  test.each(traces)('hits where the reference simulator hits, bounded by bytes: %s', (_, trace) => {
    const valueOf = (key: string): string => key.repeat((key.charCodeAt(key.length - 1) % 10) + 1);
    const sizeOf = (key: string): number => {
      const content = key.length + valueOf(key).length;
      return 32 + content + (policy === 'lru' ? Math.floor(content / 8) : 0);
    };
    const maxBytes = 6_000;
    using cache = new Cache({ policy, maxBytes });
    expect(differences(cache, new Simulated(maxBytes, sizeOf), trace, valueOf)).toEqual([]);
    expect(cache.stats().bytes).toBeLessThanOrEqual(maxBytes);
    expect(cache.stats().bytes).toBeGreaterThan(maxBytes * 0.97);
  });
});

test('s3-fifo keeps what is used while a scan passes, and lru does not', () => {
  const kept = policies.map((policy) => {
    using cache = new Cache({ policy, max: 100 });
    const hot = Array.from({ length: 50 }, (_, i) => `hot${i}`);
    for (const key of hot) cache.set(key, 1);
    for (const key of hot) cache.get(key);
    for (let i = 0; i < 1_000; i++) cache.set(`scan${i}`, i);
    return hot.filter((key) => cache.has(key)).length;
  });
  expect(kept).toEqual([50, 0]);
});
