import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { Autocomplete, type Entry, type ShareToken } from '../../../../src/core';
import { BruteForce } from '../../../support/brute-force';
import { makeCatalogue, makeEntry, makeQuery } from '../../../support/catalogue';
import { Random } from '../../../support/random';

const { entries, vocabulary } = makeCatalogue(new Random(41), { entries: 1_200, words: 200, special: 0.1 });

describe('an index that is shared', () => {
  test('is one index: what one object changes, the other sees at once and whole', async () => {
    const random = new Random(3);
    using first = await Autocomplete.build(entries);
    using second = Autocomplete.attach(first.share());
    const oracle = new BruteForce(entries);
    for (let round = 0; round < 600; round++) {
      const [writer, reader] = round % 2 === 0 ? [first, second] : [second, first];
      const entry = makeEntry(random, vocabulary, random.below(2_000), 0.1);
      const choice = random.below(4);
      if (choice === 0) expect(writer.delete(entry.id)).toBe(oracle.delete(entry.id));
      else if (choice === 1)
        expect(writer.setWeight(entry.id, entry.weight)).toBe(oracle.setWeight(entry.id, entry.weight));
      else expect(writer.set(entry)).toBe(oracle.set(entry));
      const query = makeQuery(random, entries, vocabulary);
      const hits = reader.search(query, { fuzzy: false });
      expect(hits.map(({ id }) => id)).toEqual(oracle.search(query, { fuzzy: false }).map(({ id }) => id));
      // Texts and weights come from what the reader remembers: it must have heard of every change.
      for (const { id, text, weight } of hits) expect({ id, text, weight }).toMatchObject(known(oracle, id));
      expect(reader.size).toBe(oracle.size);
      expect(reader.get(entry.id)?.text).toBe(oracle.get(entry.id)?.text);
    }
  });

  test('hears of more changes than are told one by one', () => {
    using first = new Autocomplete();
    using second = Autocomplete.attach(first.share());
    for (let i = 0; i < 50; i++) first.set({ id: `p${i}`, text: `Mug ${i}`, weight: i });
    expect(second.search('mug', { limit: 50 })).toHaveLength(50);
    for (let i = 0; i < 6_000; i++) first.set({ id: `p${i % 50}`, text: `Mug ${i}`, weight: i });
    expect(second.search('mug').map(({ text }) => text)).toEqual(
      Array.from({ length: 10 }, (_, i) => `Mug ${5_999 - i}`),
    );
  });

  test('lives until every object on it is closed', () => {
    const first = new Autocomplete();
    first.set({ id: 'one', text: 'Red Mug', weight: 1 });
    const token = first.share();
    expect(first.share()).toEqual(token);
    const second = Autocomplete.attach(structuredClone(token));
    first.close();
    expect(() => first.share()).toThrow(expect.objectContaining({ code: 'ERR_EASY11_CLOSED' }));
    expect(second.searchIds('red')).toEqual(['one']);
    second.set({ id: 'two', text: 'Red Bowl', weight: 2 });
    expect(second.searchIds('red')).toEqual(['two', 'one']);
    second.close();
    expect(() => Autocomplete.attach(token)).toThrow(expect.objectContaining({ code: 'ERR_EASY11_NOT_SHARED' }));
  });

  test.each([undefined, null, 7, {}, { autocomplete: 'x' }, { autocomplete: 1.5 }])('is not found by %j', (token) => {
    expect(() => Autocomplete.attach(token as unknown as ShareToken)).toThrow(
      expect.objectContaining({ code: 'ERR_EASY11_INVALID_OPTION' }),
    );
  });

  test('is not found by a token that nobody gave', () => {
    for (const autocomplete of [0, -1, 123_456_789, Number.MAX_SAFE_INTEGER]) {
      expect(() => Autocomplete.attach({ autocomplete })).toThrow(
        expect.objectContaining({ code: 'ERR_EASY11_NOT_SHARED' }),
      );
    }
  });

  test('is reached by worker threads, or says that the fallback cannot share with them', async () => {
    using index = await Autocomplete.build(entries);
    const workers = Array.from(
      { length: 3 },
      (_, number) =>
        new Worker(path.join(__dirname, '../../../support/sharing-worker.cjs'), {
          workerData: { token: index.share(), number },
        }),
    );
    const outcomes = await Promise.all(
      workers.map(async (worker) => {
        const [message] = (await once(worker, 'message')) as [unknown];
        await worker.terminate();
        return message;
      }),
    );
    if (index.backend === 'fallback') {
      expect(outcomes).toEqual(workers.map(() => 'ERR_EASY11_NOT_SHARED'));
      return;
    }
    expect(outcomes).toEqual(workers.map(() => 'done'));
    expect(index.searchIds('zyzzyva', { limit: 1_000 })).toHaveLength(3 * 200);
    expect(index.size).toBe(entries.length + 3 * 200);
  }, 60_000);
});

function known(oracle: BruteForce, id: string): Pick<Entry, 'text' | 'weight'> {
  const { text, weight } = oracle.get(id) as Entry;
  return { text, weight };
}
