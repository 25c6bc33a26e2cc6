import fc from 'fast-check';
import type { Cache, CacheOptions } from '../../src/core';
import { coreOf, nativeIfBuilt } from '../support/backends';

const native = nativeIfBuilt();
const fallback = coreOf('fallback');
const whenBuilt = native === undefined ? describe.skip : describe;

/** What a call of one of the methods gives, or the code of its error. */
type Command = (cache: Cache) => unknown;

const key = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map((n) => `k${n}`),
  fc.constantFrom('ключ', '茶', 'k'.repeat(300)),
);
const value = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary-ascii', maxLength: 900 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.record({ id: fc.integer(), name: fc.string(), tags: fc.array(fc.boolean(), { maxLength: 3 }) }),
  fc.integer(),
);
const tag = fc.constantFrom('a', 'b', 'c', 'd');
const setting = fc.record(
  { ttl: fc.constantFrom(0, 60, 500, 5_000), tags: fc.array(tag, { maxLength: 3 }) },
  { requiredKeys: [] },
);
const getting = fc.option(fc.record({ allowStale: fc.boolean() }), { nil: undefined });

const command: fc.Arbitrary<Command | { readonly later: number }> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.tuple(key, value, setting).map(
      ([k, v, s]) =>
        (c: Cache) =>
          void c.set(k, v, s),
    ),
  },
  {
    weight: 60,
    arbitrary: fc.tuple(key, getting).map(
      ([k, g]) =>
        (c: Cache) =>
          c.get(k, g),
    ),
  },
  {
    weight: 10,
    arbitrary: fc.tuple(key, getting).map(
      ([k, g]) =>
        (c: Cache) =>
          c.peek(k, g),
    ),
  },
  { weight: 10, arbitrary: key.map((k) => (c: Cache) => [c.has(k), c.getRemainingTTL(k)]) },
  { weight: 10, arbitrary: key.map((k) => (c: Cache) => c.delete(k)) },
  {
    weight: 20,
    arbitrary: fc.tuple(key, fc.integer({ min: -9, max: 9 }), setting).map(
      ([k, n, s]) =>
        (c: Cache) =>
          c.incr(k, n, s),
    ),
  },
  {
    weight: 20,
    arbitrary: fc
      .tuple(key, fc.option(value, { nil: undefined }), value, setting, fc.boolean())
      // Half of them expect what is there, else hardly one would ever succeed.
      .map(
        ([k, old, v, s, right]) =>
          (c: Cache) =>
            c.compareAndSet(k, right ? c.peek(k) : old, v, s),
      ),
  },
  { weight: 10, arbitrary: tag.map((t) => (c: Cache) => c.invalidateTag(t)) },
  { weight: 10, arbitrary: fc.array(key, { maxLength: 8 }).map((ks) => (c: Cache) => c.getMany(ks)) },
  {
    weight: 10,
    arbitrary: fc.array(key, { maxLength: 8 }).map((ks) => (c: Cache) => String(c.getManyJson(ks))),
  },
  {
    weight: 10,
    arbitrary: fc.tuple(fc.array(fc.tuple(key, value), { maxLength: 8 }), setting).map(
      ([entries, s]) =>
        (c: Cache) =>
          void c.setMany(entries, s),
    ),
  },
  { weight: 20, arbitrary: fc.constantFrom(1, 40, 130, 600, 20_000).map((later) => ({ later })) },
  { weight: 1, arbitrary: fc.constant((c: Cache) => c.clear()) },
);

const options = fc.record(
  {
    policy: fc.constantFrom('s3-fifo' as const, 'lru' as const),
    bound: fc.constantFrom({ max: 1 }, { max: 12 }, { maxBytes: 4_096 }, { max: 20, maxBytes: 6_000 }, { max: 1_000 }),
    ttl: fc.constantFrom(0, 300),
    staleWhileRevalidate: fc.constantFrom(0, 200),
    allowStale: fc.boolean(),
  },
  { requiredKeys: ['policy', 'bound'] },
);

whenBuilt('native and fallback Cache are one product (skipped where the addon is not built)', () => {
  test('they answer alike, and let the same entries go in the same order, whatever is asked of them', () => {
    const history = fc.array(command, { size: 'max', maxLength: 120 });
    fc.assert(
      fc.property(options, history, ({ bound, ...rest }, commands) => {
        let now = 1_000;
        const runs = [native, fallback].map((core) => {
          now = 1_000;
          const left: unknown[] = [];
          const settings: CacheOptions = {
            ...rest,
            ...bound,
            now: () => now,
            onEvict: (value, key, reason) => left.push([value, key, reason]),
          };
          using cache = new (core as typeof fallback).Cache(settings);
          return commands.map((one) => {
            if (typeof one !== 'function') return (now += one.later);
            const answer = outcome(one, cache);
            const { backend: _backend, heldBytes: _held, ...stats } = cache.stats();
            return { answer, left: left.splice(0), stats };
          });
        });
        expect(runs[0]).toEqual(runs[1]);
      }),
      { seed: 400, numRuns: 400 },
    );
  });
});

function outcome(command: Command, cache: Cache): unknown {
  try {
    return command(cache);
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) };
  }
}
