import { RangeIndex, type RangeProgress } from '../../../../src/core';
import { makeRows, schema } from '../../../support/range-model';
import { Random } from '../../../support/random';

describe('building a RangeIndex', () => {
  const rows = makeRows(new Random(3), 30_000);

  test('rows, rows that come asynchronously, columns and single sets give the same index', async () => {
    const some = rows.slice(0, 3_000);
    async function* later(): AsyncGenerator<(typeof rows)[number]> {
      for (const row of some) yield Promise.resolve(row);
    }
    using built = await RangeIndex.build(schema, some);
    using streamed = await RangeIndex.build(schema, later());
    const names = ['id', ...Object.keys(schema.numbers), ...schema.facets, ...schema.flags];
    const columns = Object.fromEntries(names.map((name) => [name, some.map((row) => row[name])]));
    using columnar = await RangeIndex.fromColumns(schema, columns as never);
    using grown = new RangeIndex(schema);
    for (const { id, ...row } of some) grown.set(id, row);
    const answers = [built, streamed, columnar, grown].map((index) => [
      index.page({ where: { rating: { gte: 3 } }, by: 'popularity', facets: ['brand'] }),
      index.list({ by: 'price', limit: 1000 }),
    ]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('columns without ids are numbered from 0', async () => {
    using index = await RangeIndex.fromColumns(
      { numbers: { price: { type: 'int32', tree: true } } },
      { price: Int32Array.of(30, 10, 20) },
    );
    expect(index.list({ by: 'price' }).map(({ id }) => id)).toEqual([1, 2, 0]);
  });

  test('progress is told, and the event loop turns meanwhile', async () => {
    const told: RangeProgress[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    using index = await RangeIndex.build(schema, rows, { onProgress: (progress) => told.push(progress) });
    clearInterval(timer);
    expect(index.size).toBe(rows.length);
    expect(turns).toBeGreaterThan(3);
    expect(told.find(({ phase }) => phase === 'reading')).toBeDefined();
    expect(told.at(-1)).toEqual({ phase: 'indexing', done: rows.length, total: rows.length });
  });

  test('an abort ends it with AbortError, before and amid the work', async () => {
    await expect(RangeIndex.build(schema, rows, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ERR_EASY11_ABORTED',
    });
    const controller = new AbortController();
    const building = RangeIndex.build(schema, rows, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(building).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('what onProgress throws comes out', async () => {
    const onProgress = (): never => {
      throw new Error('enough');
    };
    await expect(RangeIndex.build(schema, rows, { onProgress })).rejects.toThrow('enough');
  });

  test('memory is told, and goes up with rows only', async () => {
    using index = await RangeIndex.build(schema, rows);
    const { bytes } = index.stats();
    expect(bytes / rows.length).toBeLessThan(400);
    const { id, ...row } = rows[0] as (typeof rows)[number];
    for (let i = 0; i < 20_000; i++) index.update(id, { ...row, price: i });
    expect(index.stats().bytes).toBeLessThanOrEqual(bytes * 1.5);
  });

  test('explain names the range that drives', async () => {
    using index = await RangeIndex.build(schema, rows);
    const where = { price: { gte: 100, lte: 200 }, rating: { gte: 2 }, category: 'c1' };
    expect(index.explain(where)).toMatchObject({ driver: 'price', compared: 2, total: rows.length });
    expect(index.explain(where).rows).toBe(index.count({ price: where.price }));
    expect(index.explain({ rating: { gte: 2 } })).toMatchObject({ driver: 'rating', compared: 0 });
  });
});
