import { SparseVectorIndex, type VectorColumns } from '../../../../src/core';
import { Random } from '../../../support/random';
import { makeVector, type Vector } from '../../../support/vectors-model';

/** Rows as columns, entries of a row in any order. */
function columnsOf(rows: readonly Vector[]): VectorColumns {
  const terms = [...new Set(rows.flatMap((row) => Object.keys(row)))].reverse();
  const entries = rows.flatMap((row) => Object.entries(row));
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = (starts[i] as number) + Object.keys(row).length;
  });
  return {
    ids: Uint32Array.from(rows.keys(), (row) => row * 2),
    starts,
    terms,
    places: Uint32Array.from(entries, ([term]) => terms.indexOf(term)),
    weights: Float32Array.from(entries, ([, weight]) => weight),
  };
}

describe('building a SparseVectorIndex', () => {
  const random = new Random(11);
  const rows = Array.from({ length: 3_000 }, () => makeVector(random, 60));

  test('columns and single puts give the same index', async () => {
    using one = new SparseVectorIndex({ weighting: 'rarity' });
    using other = new SparseVectorIndex({ weighting: 'rarity' });
    // The numbers of terms, and so the order of sums, are those of their first use: here of the columns.
    const columns = columnsOf(rows);
    one.putMany(columns);
    other.put(
      0,
      columns.terms.map((term): [string, number] => [term, 1]),
    );
    rows.forEach((row, i) => other.put(i * 2, row));
    await Promise.all([one.refresh(), other.refresh()]);
    for (let id = 0; id < 6_000; id += 300)
      expect(one.nearest(id, { limit: 50 })).toEqual(other.nearest(id, { limit: 50 }));
    expect(one.get(2)).toEqual(Object.fromEntries(Object.entries(rows[1] ?? {}).map(([t, w]) => [t, Math.fround(w)])));
    const { backend: _, bytes: __, entriesRead: ___, ...sizes } = one.stats();
    expect(sizes).toEqual({ rows: 3_000, terms: columns.terms.length, entries: columns.places.length });
  });

  test('rarity is that of the last refresh', async () => {
    using index = new SparseVectorIndex({ weighting: 'rarity' });
    for (let id = 0; id < 10; id++) index.put(id, { tea: 1, [`mark ${id}`]: 1 });
    index.put(10, { tea: 1, pot: 1 });
    index.put(11, { pot: 1 });
    // All are as rare as one another until then.
    expect(index.similarity(10, 11)).toBeCloseTo(Math.SQRT1_2, 12);
    await index.refresh();
    const [tea, pot] = [Math.log(1 + 12 / 11), Math.log(1 + 12 / 2)];
    expect(index.similarity(10, 11)).toBeCloseTo(pot / Math.hypot(tea, pot), 12);
    for (let id = 12; id < 100; id++) index.put(id, { pot: 1 });
    expect(index.similarity(10, 11)).toBeCloseTo(pot / Math.hypot(tea, pot), 12);
    // What is new counts as met once.
    index.put(100, { tea: 1, lid: 1 });
    index.put(101, { lid: 1 });
    expect(index.similarity(100, 101)).toBeCloseTo(Math.log(13) / Math.hypot(tea, Math.log(13)), 12);
    await index.refresh();
    const after = [Math.log(1 + 102 / 12), Math.log(1 + 102 / 90)] as const;
    expect(index.similarity(10, 11)).toBeCloseTo(after[1] / Math.hypot(...after), 12);
  });

  test('changes that come while it is refreshed are there before and after', async () => {
    const make = (): SparseVectorIndex => {
      const made = new SparseVectorIndex({ weighting: 'rarity' });
      const again = new Random(5);
      for (let id = 0; id < 35_000; id++) made.put(id, makeVector(again, 300));
      return made;
    };
    using index = make();
    let isOver = false;
    const refreshing = index.refresh().then(() => {
      isOver = true;
    });
    const changes = new Random(6);
    const asked: number[] = [];
    do {
      for (let i = 0; i < 40; i++) {
        const id = changes.below(35_010);
        if (changes.chance(0.2)) index.delete(id);
        else index.put(id, makeVector(changes, 310));
      }
      index.put(35_020, { mine: 5, w1: 1 });
      index.put(35_021, { mine: 5, w2: 1 });
      asked.push(index.nearest(35_020, { limit: 1 })[0]?.id ?? -1);
      await new Promise((resolve) => setImmediate(resolve));
    } while (!isOver);
    await refreshing;
    expect(new Set(asked)).toEqual(new Set([35_021]));
    // Another that has the rows as they are now, refreshed alike, differs by what was not there when rarity was counted only.
    await index.refresh();
    using fresh = new SparseVectorIndex({ weighting: 'rarity' });
    for (let id = 0; id < 35_030; id++) {
      const row = index.get(id);
      if (row) fresh.put(id, row);
    }
    await fresh.refresh();
    for (let id = 0; id < 35_000; id += 2_501) {
      if (!index.has(id)) continue;
      const [one, other] = [index, fresh].map((which) => which.nearest(id, { limit: 20 }));
      other?.forEach(({ score }, i) => expect(one?.[i]?.score).toBeCloseTo(score, 10));
    }
  });

  test('rows that come and go again leave neither terms nor memory behind', async () => {
    using index = new SparseVectorIndex();
    const turn = (round: number): void => {
      for (let id = 0; id < 2_000; id++) index.put(id, { [`only ${round} ${id}`]: 1, all: 1 });
    };
    turn(0);
    await index.refresh();
    const before = index.stats();
    for (let round = 1; round < 8; round++) turn(round);
    await index.refresh();
    const after = index.stats();
    expect([after.terms, after.entries]).toEqual([before.terms, before.entries]);
    expect(after.bytes).toBeLessThan(3 * before.bytes);
    for (let id = 0; id < 2_000; id++) index.delete(id);
    expect(index.stats()).toMatchObject({ rows: 0, terms: 0, entries: 0 });
    expect(index.nearest({ all: 1 })).toEqual([]);
  });

  test('an abort ends a refresh with AbortError, and leaves rarity as it was', async () => {
    using index = new SparseVectorIndex({ weighting: 'rarity' });
    const few = new Random(9);
    for (let id = 0; id < 20_000; id++) index.put(id, makeVector(few, 500));
    const before = index.similarity(1, 2);
    await expect(index.refresh({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const controller = new AbortController();
    const refreshing = index.refresh({ signal: controller.signal });
    controller.abort();
    await expect(refreshing).rejects.toMatchObject({ name: 'AbortError', code: 'ERR_EASY11_ABORTED' });
    expect(index.similarity(1, 2)).toBe(before);
    await index.refresh();
  });
});
