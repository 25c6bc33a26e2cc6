import { RangeIndex, type RangeValue, type Where } from '../../../../src/core';
import {
  bitsOf,
  makeNumber,
  makeRow,
  makeRows,
  makeWhere,
  Model,
  NUMBERS,
  schema,
  TREES,
} from '../../../support/range-model';
import { Random } from '../../../support/random';

const asMap = (counts: readonly { value: RangeValue; count: number }[]): Map<RangeValue, number> =>
  new Map(counts.map(({ value, count }) => [value, count]));

/** Every question with one random set of conditions, against brute force. */
function compare(index: RangeIndex, model: Model, random: Random): void {
  const where = makeWhere(random);
  const number = random.pick(NUMBERS);
  const matches = model.matches(where);
  expect({ where, count: index.count(where) }).toEqual({ where, count: matches.length });

  const values = model.ordered(where, number).map(({ value }) => value);
  const aggregate = index.aggregate(number, where);
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0);
  expect(aggregate.rows).toBe(matches.length);
  expect(aggregate.count).toBe(values.length);
  expect(Math.abs(aggregate.sum - values.reduce((sum, value) => sum + value, 0))).toBeLessThanOrEqual(size * 1e-12);
  expect([aggregate.min, aggregate.max]).toEqual([values[0] ?? null, values.at(-1) ?? null]);

  const by = random.pick(['rating', 'popularity']);
  const limit = random.pick([1, 20, 33, 100, 1000]);
  expect(index.top({ by, limit, where })).toEqual(model.top(where, by, limit));

  const facet = random.pick(['category', 'brand', 'visible']);
  expect(asMap(index.facet(facet, where))).toEqual(model.facet(where, facet));

  const shares = [0, 0.1, 0.5, 0.99, 1];
  const expected = shares.map((share) => values[Math.floor(share * (values.length - 1))]);
  expect(index.quantiles(number, shares, where)).toEqual(values.length === 0 ? null : expected);

  compareHistogram(index, where, number, values, random);
  compareList(index, model, where, random);
}

function compareHistogram(index: RangeIndex, where: Where, number: string, values: number[], random: Random): void {
  const equal = random.pick(['width', 'depth'] as const);
  const { edges, counts } = index.histogram(number, { bins: 1 + random.below(30), equal, where });
  if (values.length === 0) return expect(counts).toEqual([]);
  expect([edges[0], edges.at(-1)]).toEqual([values[0], values.at(-1)]);
  const bins = counts.map(() => 0);
  for (const value of values) {
    let bin = bins.length - 1;
    while (bin > 0 && value < (edges[bin] as number)) bin--;
    bins[bin]!++;
  }
  expect(counts).toEqual(bins);
}

function compareList(index: RangeIndex, model: Model, where: Where, random: Random): void {
  const by = random.pick(TREES);
  const order = random.pick(['asc', 'desc'] as const);
  const rows = model.ordered(where, by);
  if (order === 'desc') rows.reverse();
  const from = random.chance(0.5) ? random.below(rows.length + 2) : 0;
  const after = random.chance(0.5) ? rows[random.below(rows.length)] : undefined;
  const behind = after === undefined ? 0 : rows.indexOf(after) + 1;
  const limit = 1 + random.below(50);
  const listed = index.list({ by, order, where, limit, offset: from, ...(after && { after }) });
  expect(listed).toEqual(rows.slice(behind + from, behind + from + limit));
  const [first] = listed;
  if (first && where[by] === undefined) {
    expect(index.rank(by, first.value, where)).toBe(rows.filter(({ value }) => value < first.value).length);
  }
}

describe('every answer of a RangeIndex is that of brute force', () => {
  test.each([0, 1, 464, 465, 2_000])('after a build of %i rows', async (size) => {
    const random = new Random(size + 1);
    const rows = makeRows(random, size, size * 2 + 5);
    using index = await RangeIndex.build(schema, rows);
    const model = new Model();
    for (const { id, ...row } of rows) model.set(id, row);
    expect(index.size).toBe(size);
    for (let i = 0; i < 15; i++) compare(index, model, random);
    for (const [id, row] of model.rows) expect(index.get(id)).toEqual(row);
  });

  test('after 20,000 random inserts, deletes and updates', () => {
    const random = new Random(8);
    using index = new RangeIndex(schema);
    const model = new Model();
    for (let i = 0; i < 20_000; i++) {
      const id = random.below(9_000);
      if (random.chance(i > 12_000 && i < 16_000 ? 0.6 : 0.1)) {
        expect(index.delete(id)).toBe(model.rows.delete(id));
      } else if (random.chance(0.5)) {
        const row = makeRow(random);
        expect(index.set(id, row)).toBe(!model.rows.has(id));
        model.set(id, row);
      } else {
        const name = random.pick(NUMBERS);
        const changes = { [name]: makeNumber(random, name) };
        const known = model.rows.get(id);
        expect(index.update(id, changes)).toBe(known !== undefined);
        if (known) model.set(id, { ...known, ...changes });
      }
      if (i % 1_000 === 0) compare(index, model, random);
    }
    expect(index.size).toBe(model.rows.size);
    for (let i = 0; i < 25; i++) compare(index, model, random);
    for (const [id, row] of model.rows) expect(index.get(id)).toEqual(row);
  });

  test('after thousands of changes of one attribute at a time, of a few rows among many', async () => {
    const random = new Random(23);
    const model = new Model();
    const rows = makeRows(random, 600, 600);
    using index = await RangeIndex.build(schema, rows);
    for (const { id, ...row } of rows) model.set(id, row);
    const hot = rows.slice(0, 12).map(({ id }) => id);
    for (let i = 0; i < 12_000; i++) {
      const id = random.pick(hot);
      const name = random.pick(['price', 'stock'] as const);
      const changes = { [name]: makeNumber(random, name) };
      index.update(id, changes);
      model.set(id, { ...model.rows.get(id), ...changes });
      if (i % 37 !== 0) continue;
      const where = { price: { gte: random.below(20_000) } };
      const values = model
        .matches(where)
        .flatMap(({ row }) => (row['popularity'] === null ? [] : [row['popularity'] as number]))
        .sort((x, y) => x - y);
      const shares = [0, 0.3, 0.5, 0.8, 1];
      const expected = shares.map((share) => values[Math.floor(share * (values.length - 1))]);
      expect([i, index.quantiles('popularity', shares, where)]).toEqual([i, values.length === 0 ? null : expected]);
    }
  });

  test('a page tells at once what the single questions tell', async () => {
    const random = new Random(9);
    using index = await RangeIndex.build(schema, makeRows(random, 4_000));
    for (let i = 0; i < 40; i++) {
      const where = makeWhere(random);
      const histogram = { attribute: random.pick(NUMBERS), bins: 12, min: 0, max: 1000 };
      const page = index.page({ where, by: 'popularity', facets: ['brand', 'category', 'visible'], histogram });
      expect(page.rows).toBe(index.count(where));
      expect(page.ids).toEqual(index.top({ by: 'popularity', where }));
      for (const name of ['brand', 'category', 'visible']) {
        expect(index.named(name, page.facets[name] as Uint32Array)).toEqual(index.facet(name, where));
      }
      const { attribute, ...bins } = histogram;
      expect(page.histogram).toEqual(index.histogram(attribute, { ...bins, where }));
    }
  });

  test('a disjunctive facet is counted without its own condition', async () => {
    const random = new Random(10);
    using index = await RangeIndex.build(schema, makeRows(random, 3_000));
    for (let i = 0; i < 30; i++) {
      const where = makeWhere(random);
      const counts = index.facets(['category', 'brand', 'visible'], where);
      for (const name of ['category', 'brand', 'visible']) {
        const { [name]: _, ...others } = where;
        expect(index.named(name, counts[name] as Uint32Array)).toEqual(index.facet(name, others));
      }
    }
  });

  test('a facet of a page is counted without the condition that it is told to leave out', async () => {
    const random = new Random(12);
    const rows = makeRows(random, 3_000);
    using index = await RangeIndex.build(schema, rows);
    const model = new Model();
    for (const { id, ...row } of rows) model.set(id, row);
    const without = { category: 'price', brand: 'brand', visible: 'rating' };
    for (let i = 0; i < 40; i++) {
      const where = makeWhere(random);
      const most = random.pick([0, 60, 992]);
      const page = index.page({ where, facets: ['category', 'brand', 'visible'], without, named: most });
      const { rows: total, facets, named } = page;
      const matches = model.matches(where);
      expect(total).toBe(matches.length);
      expect(named && [...named]).toEqual(
        matches.length > most ? null : matches.map(({ id }) => id).sort((a, b) => a - b),
      );
      for (const [name, attribute] of Object.entries(without)) {
        const { [attribute]: _, ...others } = where;
        expect(asMap(index.named(name, facets[name] as Uint32Array))).toEqual(model.facet(others, name));
      }
    }
  });

  test('histograms of a page are counted, several at once, each without the condition that it is told to leave out', async () => {
    const random = new Random(14);
    using index = await RangeIndex.build(schema, makeRows(random, 3_000));
    const bins = {
      price: { bins: 30, min: 0, max: 20_000 },
      rating: { bins: 9, min: 1, max: 5 },
      popularity: { min: 2, max: 90_000 },
      stock: { bins: 7, min: 0, max: 99 },
    };
    for (let i = 0; i < 60; i++) {
      const where = makeWhere(random);
      const attributes = [...NUMBERS, 'category', 'id', 'none'].filter((name) => name === 'none' || name in where);
      const names = NUMBERS.filter(() => random.chance(0.8));
      const left = Object.fromEntries(
        [...names, 'brand'].map((name) => [name, random.chance(0.5) && name in where ? name : random.pick(attributes)]),
      );
      const without = Object.fromEntries(Object.entries(left).filter(([, name]) => name !== 'none' && name !== 'id'));
      const histograms = Object.fromEntries(names.map((name) => [name, bins[name]]));
      const page = index.page({ where, facets: ['brand'], histograms, without });
      expect(page.rows).toBe(index.count(where));
      expect(Object.keys(page.histograms)).toEqual(names);
      for (const name of names) {
        const { [without[name] ?? 'none']: _, ...others } = where;
        expect(page.histograms[name]).toEqual(index.histogram(name, { ...bins[name], where: others }));
      }
      const { [without['brand'] ?? 'none']: _, ...others } = where;
      expect(index.named('brand', page.facets['brand'] as Uint32Array)).toEqual(index.facet('brand', others));
    }
  });

  test('where the condition with the fewest rows is left out for one count, the others still go by it', async () => {
    const random = new Random(15);
    const rows = makeRows(random, 20_000, 20_000);
    using index = await RangeIndex.build(schema, rows);
    const where = { price: { gte: 5_000, lte: 5_400 }, popularity: { gte: 9_000, lte: 12_000 }, visible: true };
    const histograms = {
      price: { bins: 40, min: 0, max: 20_000 },
      popularity: { bins: 11, min: 0, max: 150_000 },
      rating: { bins: 4, min: 1, max: 5 },
    };
    const without = { price: 'price', popularity: 'popularity', category: 'price', visible: 'visible' };
    const page = index.page({ where, facets: ['category', 'visible'], histograms, without, named: 900 });
    const { price, popularity, visible } = where;
    expect([...(page.named ?? [])]).toEqual(
      rows
        .filter((row) => row['visible'] === true && Number(row['price']) >= 5_000 && Number(row['price']) <= 5_400)
        .filter((row) => Number(row['popularity']) >= 9_000 && Number(row['popularity']) <= 12_000)
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    );
    expect(page.histograms).toEqual({
      price: index.histogram('price', { ...histograms.price, where: { popularity, visible } }),
      popularity: index.histogram('popularity', { ...histograms.popularity, where: { price, visible } }),
      rating: index.histogram('rating', { ...histograms.rating, where }),
    });
    expect(page.histograms['price']?.counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
    expect(index.named('category', page.facets['category'] as Uint32Array)).toEqual(
      index.facet('category', { popularity, visible }),
    );
    expect(index.named('visible', page.facets['visible'] as Uint32Array)).toEqual(
      index.facet('visible', { price, popularity }),
    );
  });

  test('a set of ids is taken as it is at the call, as a list or as bits, and drives where it is the smaller side', async () => {
    const random = new Random(13);
    using index = await RangeIndex.build(schema, makeRows(random, 4_000, 4_000));
    const list = Uint32Array.from({ length: 1_500 }, (_, i) => 2 * i);
    const bits = bitsOf([...list]);
    for (const id of [list, { bits }]) {
      expect([index.count({ id }), index.count({ id, price: { lte: 9 } })]).toEqual([
        1_500,
        index.page({ where: { id, price: { lte: 9 } } }).rows,
      ]);
      expect(index.explain({ id })).toMatchObject({ driver: 'id', rows: 1_500, compared: 0, leaves: 6 });
      expect(index.explain({ id, price: { lte: 9 } })).toMatchObject({ driver: 'price', compared: 1 });
      expect(index.list({ by: 'price', where: { id }, limit: 5 })).toHaveLength(5);
    }
    // Of a set that has most of the rows those outside it are counted, and taken away.
    const outside = Uint32Array.from({ length: 900 }, (_, i) => 3 * i);
    const most = Uint32Array.from({ length: 4_000 }, (_, i) => i).filter((one) => !outside.includes(one));
    for (const name of ['category', 'brand', 'visible']) {
      const [inside, others] = [most, outside].map((ids) => index.facetCounts(name, { id: ids }).slice());
      const all = index.facetCounts(name);
      expect(inside?.map((count, code) => count + (others?.[code] as number))).toEqual(all);
      expect(index.facets([name], { id: most })[name]).toEqual(inside);
    }
    list[0] = 1;
    bits[0] = 0;
    expect(index.count({ id: list })).toBe(1_500);
    expect(index.count({ id: { bits } })).toBe(1_500 - 16);
    index.delete(4);
    expect([index.count({ id: list }), index.count({ id: Uint32Array.of(1, 4, 134_217_727, 4_294_967_295) })]).toEqual([
      1_499, 1,
    ]);
    expect([index.count({ id: Uint32Array.of() }), index.count({ id: { bits: new Uint32Array(9_000) } })]).toEqual([
      0, 0,
    ]);
  });

  test('pages behind a cursor miss and repeat nothing that stays, whatever changes in between', async () => {
    const random = new Random(11);
    const rows = makeRows(random, 2_000);
    using index = await RangeIndex.build(schema, rows);
    const seen: number[] = [];
    const changed = new Set<number>();
    for (let after; ;) {
      const page = index.list({ by: 'price', limit: 50, where: { rating: { gte: 2 } }, ...(after && { after }) });
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1);
      for (let i = 0; i < 20; i++) {
        const { id } = random.pick(rows);
        changed.add(id);
        if (random.chance(0.5)) index.delete(id);
        else index.set(id, makeRow(random));
      }
    }
    const steady = rows.filter(
      ({ id, rating, price }) => !changed.has(id) && (rating as number) >= 2 && price !== null,
    );
    expect(steady.length).toBeGreaterThan(200);
    const times = new Map<number, number>();
    for (const id of seen) times.set(id, (times.get(id) ?? 0) + 1);
    for (const { id } of steady) expect([id, times.get(id)]).toEqual([id, 1]);
  });
});
