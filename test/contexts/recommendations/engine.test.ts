import fc from 'fast-check';
import { AlsModel } from '../../../src/core';
import { ContentIndex } from '../../../src/contexts/recommendations/serving/content';
import { recommend } from '../../../src/contexts/recommendations/serving/engine';
import { questionOf } from '../../../src/contexts/recommendations/serving/question';
import { DEFAULT_SETTINGS } from '../../../src/contexts/recommendations/settings';
import { enginesOf, idOf, product, question, tableOf, viewed } from './shelf';

const NOW = Date.now();
const never = new AbortController().signal;

describe('any answer', () => {
  const shelves = ['tea', 'tools', 'toys'];
  const catalogue = fc.array(
    fc.record({
      inStock: fc.boolean(),
      status: fc.constantFrom('active' as const, 'active' as const, 'archived' as const),
      popularity: fc.nat(100),
      in: fc.constantFrom(...shelves),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const asked = fc.record({
    limit: fc.integer({ min: 1, max: 20 }),
    context: fc.uniqueArray(fc.nat(39), { maxLength: 3 }),
    viewed: fc.uniqueArray(fc.nat(39), { maxLength: 5 }),
    slot: fc.constantFrom('home' as const, 'product' as const, 'cart' as const),
  });

  test('is full where there is enough, has nothing twice, nothing in view, and what is out of stock only at the very end', async () => {
    await fc.assert(
      fc.asyncProperty(catalogue, asked, async (kinds, { limit, slot, ...rows }) => {
        const products = kinds.map((kind, n) => product(n, kind));
        const table = tableOf(products);
        const context = rows.context.filter((row) => row < table.size);
        const deeds = rows.viewed.filter((row) => row < table.size).map((row) => viewed(row));
        const given = question({ slot, limit, context, deeds, excluded: new Set(context) });
        const list = recommend(await enginesOf(table), given, NOW).map(({ row }) => row);
        const may = [...products.keys()].filter((row) => table.isActive(row) && !context.includes(row));
        expect(list).toHaveLength(Math.min(limit, may.length));
        expect(new Set(list).size).toBe(list.length);
        for (const row of list) expect(may).toContain(row);
        const out = list.filter((row) => !table.canBeHad(row)).length;
        const canBeHad = may.filter((row) => table.canBeHad(row)).length;
        expect(out).toBe(Math.max(0, list.length - canBeHad));
      }),
      { numRuns: 200 },
    );
  });
});

test('what a customer bought before the model learnt it is not shown again either, and colours the answer only once', () => {
  const table = tableOf([product(0), product(1), product(2)]);
  const day = 86_400_000;
  const known = {
    events: [],
    before: [{ productId: idOf(0), weight: 3 }],
    bought: [
      { sku: table.show(0).sku, at: NOW - 10 * day },
      { sku: table.show(1).sku, at: NOW - day },
      { sku: table.show(2).sku, at: NOW - 40 * day },
    ],
    learntUntil: NOW - 5 * day,
  };
  const asked = { slot: 'home' as const, limit: 12, customer: 'cus_1' };
  const { deeds, excluded } = questionOf(asked, known, table, DEFAULT_SETTINGS, NOW);
  expect([...excluded].sort()).toEqual([0, 1]);
  expect(deeds.map(({ row }) => row)).toEqual([1, 0]);
});

describe('likeness by words', () => {
  const named = fc.array(fc.array(fc.constantFrom('red', 'tea', 'pot', 'tin', 'box', 'oak', 'lid'), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 80,
  });

  test('finds the same colour among thousands that share the rarer words', async () => {
    // Of 8,000 products 2,500 are bins of stoneware, the last 50 of them blue; most of the rest are blue too, which makes it a common word.
    const names = Array.from({ length: 8_000 }, (_, n) => {
      if (n < 2_500) return `stoneware bread bin ${n < 2_450 ? 'grey' : 'blue'}`;
      return n % 10 < 9 ? 'blue towel' : 'towel';
    });
    const table = tableOf(names.map((name, n) => product(n, { name })));
    const content = await ContentIndex.build(table, 1 << 20, never);
    const { rows, cosines } = content.near(2_499);
    expect(rows).toHaveLength(40);
    for (const [i, row] of rows.entries()) {
      expect([row, table.nameOf(row)]).toEqual([row, 'stoneware bread bin blue']);
      expect(cosines[i]).toBeCloseTo(1, 5);
    }
    content.close();
  });

  test('finds what comparing with every product finds, whatever came and went', async () => {
    await fc.assert(
      fc.asyncProperty(named, fc.nat(79), fc.nat(79), fc.nat(79), async (names, some, later, gone) => {
        const make = (words: readonly string[], n: number) =>
          product(n, { name: words.join(' '), in: `s${n % 3}`, price: { amount: 100 << (n % 4), currency: 'GBP' } });
        const since = Math.min(later, names.length - 1);
        const table = tableOf(names.slice(0, since).map(make));
        const content = await ContentIndex.build(table, 1 << 20, never);
        for (const [i, words] of names.slice(since).entries()) content.update(table.put(make(words, since + i)).row);
        table.remove(idOf(gone), 2);
        const row = some % names.length;
        const all = Array.from(names.keys(), (other) => ({ other, cosine: table.words.similarity(row, other) }))
          .filter(({ other, cosine }) => other !== row && other !== gone && cosine > 0)
          .sort((a, b) => b.cosine - a.cosine || a.other - b.other)
          .slice(0, 40);
        // What was found before it went may still name it, for a while: whoever shows it asks the table.
        content.update(row);
        const found = content.near(row);
        content.close();
        table.close();
        expect([...found.rows]).toEqual(all.map(({ other }) => other));
        expect([...found.cosines]).toEqual(all.map(({ cosine }) => Math.fround(cosine)));
      }),
      { numRuns: 200 },
    );
  });

  test('a product that nothing is said of has a likeness to others too', () => {
    const free = { name: '-', price: { amount: 0, currency: 'GBP' } };
    const table = tableOf([product(0, free), product(1, free), product(2)]);
    expect([table.words.similarity(0, 1), table.words.similarity(0, 2)]).toEqual([1, 0]);
    table.close();
  });
});

describe('with a model and vectors', () => {
  // Two tastes, tea and tools, of 30 products each; who likes one takes nothing of the other.
  const products = Array.from({ length: 60 }, (_, n) =>
    product(n, {
      in: n < 30 ? 'tea' : 'tools',
      name: `${n < 30 ? 'Tea caddy' : 'Steel hammer'} ${['red', 'blue', 'green'][n % 3]} model${n % 10}`,
      popularity: 60 - n,
    }),
  );
  const table = tableOf(products);
  let model: AlsModel;
  let content: ContentIndex;
  beforeAll(async () => {
    const interactions = Array.from({ length: 80 }, (_, user) =>
      Array.from({ length: 8 }, (__, i) => ({
        user: `u${user}`,
        item: idOf((user % 2) * 30 + ((user * 7 + i * (1 + (user % 5))) % 30)),
      })),
    ).flat();
    model = await AlsModel.fit(interactions, { factors: 8 });
    content = await ContentIndex.build(table, 1 << 20, never);
  });
  afterAll(() => {
    model.close();
    content.close();
  });

  test('somebody who looked at a tool is shown tools, and told because of which', async () => {
    const engines = await enginesOf(table, { model, content });
    const list = recommend(engines, question({ deeds: [viewed(35)], limit: 6 }), NOW);
    // The most that one category may have.
    expect(list.filter(({ row }) => row >= 30).length).toBeGreaterThanOrEqual(3);
    expect(list[0]?.row).toBeGreaterThanOrEqual(30);
    expect(list[0]?.reason).toMatchObject({ code: 'because-you-viewed', because: 35 });
    expect(list.map(({ row }) => row)).not.toContain(35);
    const stranger = recommend(engines, question({ limit: 6 }), NOW);
    expect(stranger[0]?.row).toBe(0);
    expect(stranger.every(({ reason }) => reason.code === 'popular')).toBe(true);
  });

  test('a product page names what is similar and what is bought with it, and never the product', async () => {
    const engines = await enginesOf(table, { model, content });
    const list = recommend(engines, question({ slot: 'product', context: [33], limit: 10 }), NOW);
    const codes = new Set(list.map(({ reason }) => reason.code));
    expect(codes).toContain('bought-together');
    expect(list.map(({ row }) => row)).not.toContain(33);
    const alone = recommend(
      { ...engines, model: undefined },
      question({ slot: 'product', context: [33], limit: 3 }),
      NOW,
    );
    expect(alone[0]?.reason).toEqual({ code: 'similar', text: `Similar to ${table.nameOf(33)}`, because: 33 });
  });

  test('what is wanted of late leads where nothing is known of somebody', async () => {
    const demand = [{ productId: idOf(59), demand: 40 }];
    const engines = await enginesOf(table, { model, content, demand });
    const [first] = recommend(engines, question({ limit: 3 }), NOW);
    expect(first).toMatchObject({ row: 59, reason: { code: 'trending' } });
  });

  test('the mix is data: by content alone the nearest words lead', async () => {
    const settings = { ...DEFAULT_SETTINGS, mix: { collaborative: 0, content: 1, rules: 0 }, diversity: 0 };
    const engines = await enginesOf(table, { model, content, settings });
    const [first] = recommend(engines, question({ slot: 'product', context: [33], limit: 3 }), NOW);
    const nearest = content.near(33);
    expect(first?.row).toBe(nearest.rows[0]);
    expect(first?.score).toBeCloseTo(nearest.cosines[0] as number, 5);
  });

  test('a product that has just come is found by its words', async () => {
    const { row } = table.put(product(60, { in: 'tools', name: 'Steel hammer red model3', popularity: 0 }));
    content.update(row);
    expect([...content.near(33).rows]).toContain(row);
    const engines = await enginesOf(table, { content });
    const list = recommend(engines, question({ slot: 'product', context: [33], limit: 5 }), NOW);
    expect(list.map((one) => one.row)).toContain(row);
    table.put(product(60, { status: 'archived', version: 2 }));
  });
});
