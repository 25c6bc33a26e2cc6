import type { SparseVectorIndex } from '../../src/core';
import { coreOf, nativeIfBuilt } from '../support/backends';
import { Random } from '../support/random';
import { makeVector } from '../support/vectors-model';

const native = nativeIfBuilt();
const fallback = coreOf('fallback');
const whenBuilt = native === undefined ? describe.skip : describe;

whenBuilt('native and fallback SparseVectorIndex are one product (skipped where the addon is not built)', () => {
  test('they answer alike, to the bit, through 24,000 random changes', async () => {
    const random = new Random(31);
    using one = new native!.SparseVectorIndex({ weighting: 'rarity' });
    using other = new fallback.SparseVectorIndex({ weighting: 'rarity' });
    expect([one.backend, other.backend]).toEqual(['native', 'fallback']);
    const ask = (index: SparseVectorIndex, to: number, limit: number): unknown => ({
      near: index.has(to) ? index.nearest(to, { limit, minScore: 0.1 }) : undefined,
      of: index.nearest({ w0: 1, w7: 0.3, [`w${to}`]: 2, nothing: 1 }, { limit, exclude: [to, to + 1] }),
      row: index.get(to),
      sizes: [index.size, index.stats().terms, index.stats().entries],
    });
    for (let round = 0; round < 24; round++) {
      // A few words for some, so that there are ties; many for others.
      const terms = random.pick([10, 200, 3_000]);
      for (let i = 0; i < 1_000; i++) {
        const id = random.below(36_000);
        if (random.chance(0.2)) {
          // Not expect: thousands of those take longer than the work.
          if (one.delete(id) !== other.delete(id)) throw new Error(`one of them knew ${id}`);
        } else {
          const vector = makeVector(random, terms, 12);
          one.put(id, vector);
          other.put(id, vector);
        }
      }
      if (round % 6 === 5) await Promise.all([one.refresh(), other.refresh()]);
      for (const limit of [1, 20, 300]) {
        const to = random.below(36_000);
        expect(ask(one, to, limit)).toEqual(ask(other, to, limit));
      }
    }
  });
});
