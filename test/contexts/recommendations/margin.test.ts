import fc from 'fast-check';
import { marginOf, rulesScore } from '../../../src/contexts/recommendations/rules';
import { recommend, type Engines } from '../../../src/contexts/recommendations/serving/engine';
import { Margins } from '../../../src/contexts/recommendations/serving/margins';
import { DEFAULT_SETTINGS, settingsSchema } from '../../../src/contexts/recommendations/settings';
import { enginesOf, idOf, product, question, tableOf, viewed } from './shelf';

const NOW = Date.now();
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const amount = fc.integer({ min: 0, max: 1_000_000_000_000 });
const weights = fc
  .record({ trending: unit, popular: unit, fresh: unit, margin: unit })
  .filter(({ trending, popular, fresh }) => trending + popular + fresh > 1e-6);
const says = fc.record({ trending: unit, popular: unit, fresh: unit });

describe('the share that the shop keeps of a price', () => {
  test('is from 0 to 1, less for what costs more, and the same in any unit', () => {
    fc.assert(
      fc.property(amount, amount, amount, (price, one, other) => {
        const [cheap, dear] = [marginOf(price, Math.min(one, other)), marginOf(price, Math.max(one, other))];
        expect(cheap).toBeGreaterThanOrEqual(dear);
        for (const margin of [cheap, dear]) expect(margin >= 0 && margin <= 1).toBe(true);
        expect(marginOf(price * 10, one * 10)).toBeCloseTo(marginOf(price, one), 9);
      }),
    );
    expect([marginOf(200, 50), marginOf(200, 0), marginOf(200, 300), marginOf(0, 0)]).toEqual([0.75, 1, 0, 0]);
  });
});

describe('the rule of margins', () => {
  test('raises what earns more and nothing else, and the rules stay from 0 to 1', () => {
    fc.assert(
      fc.property(weights, says, unit, unit, (weigh, said, one, other) => {
        const low = rulesScore(weigh, said, Math.min(one, other));
        const high = rulesScore(weigh, said, Math.max(one, other));
        expect(high).toBeGreaterThanOrEqual(low - 1e-12);
        for (const score of [low, high]) expect(score >= 0 && score <= 1 + 1e-12).toBe(true);
        const reach = (weigh.margin * Math.abs(one - other)) / Object.values(weigh).reduce((sum, w) => sum + w, 0);
        expect(high - low).toBeCloseTo(reach, 9);
      }),
    );
  });

  test('is no rule without a weight, nor where no cost is known', () => {
    fc.assert(
      fc.property(weights, says, unit, (weigh, said, margin) => {
        const without = rulesScore({ ...weigh, margin: 0 }, said, margin);
        expect(rulesScore(weigh, said)).toBe(without);
        expect(rulesScore({ ...weigh, margin: 0 }, said, 1 - margin)).toBe(without);
      }),
    );
  });

  test('weights that were written before there was one are read with the default', () => {
    const { margin: _, ...before } = DEFAULT_SETTINGS.rules;
    expect(settingsSchema.parse({ ...DEFAULT_SETTINGS, rules: before })).toEqual(DEFAULT_SETTINGS);
    const alone = { trending: 0, popular: 0, fresh: 0, margin: 1 };
    expect(settingsSchema.safeParse({ ...DEFAULT_SETTINGS, rules: alone }).success).toBe(false);
  });
});

describe('the margins that are kept', () => {
  const changes = fc.array(
    fc.record({
      n: fc.nat(9),
      price: fc.integer({ min: 1, max: 1000 }),
      cost: fc.option(fc.nat(1000)),
      gone: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  test('are those that came last; a product without a cost stands at the mean of the others', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const table = tableOf(Array.from({ length: 10 }, (_, n) => product(n)));
        const margins = new Margins(table);
        const model = new Map<number, number>();
        for (const { n, price, cost, gone } of list) {
          if (gone) margins.remove(idOf(n));
          else margins.put({ productId: idOf(n), price, cost });
          if (gone || cost === null) model.delete(n);
          else model.set(n, marginOf(price, cost));
        }
        const mean = [...model.values()].reduce((sum, margin) => sum + margin, 0) / model.size;
        for (let n = 0; n < 10; n++) {
          if (model.size === 0) expect(margins.of(n)).toBeUndefined();
          else expect(margins.of(n)).toBeCloseTo(model.get(n) ?? mean, 4);
        }
      }),
    );
  });

  test('of a product that the table does not have are passed over, and rows far down have room', () => {
    const table = tableOf(Array.from({ length: 9_000 }, (_, n) => product(n)));
    const margins = new Margins(table);
    margins.put({ productId: idOf(99_999), price: 100, cost: 10 });
    margins.remove(idOf(99_999));
    expect(margins.of(0)).toBeUndefined();
    margins.put({ productId: idOf(8_999), price: 100, cost: 25 });
    expect([margins.of(8_999), margins.of(0)].map((margin) => margin?.toFixed(3))).toEqual(['0.750', '0.750']);
  });
});

describe('an answer', () => {
  const shelf = fc.array(fc.record({ popularity: fc.nat(50), inStock: fc.boolean(), cost: fc.option(fc.nat(500)) }), {
    minLength: 1,
    maxLength: 25,
  });
  const withMargins = async (
    kinds: readonly { popularity: number; inStock: boolean; cost: number | null }[],
    weight: number,
  ): Promise<Engines> => {
    const table = tableOf(kinds.map(({ popularity, inStock }, n) => product(n, { popularity, inStock })));
    const margins = new Margins(table);
    for (const [n, { cost }] of kinds.entries()) margins.put({ productId: idOf(n), price: 500, cost });
    const rules = { ...DEFAULT_SETTINGS.rules, margin: weight };
    return enginesOf(table, { margins, settings: { ...DEFAULT_SETTINGS, rules } });
  };

  test('of equals has what earns more first; with a weight of 0 margins change nothing', async () => {
    const costs = [400, 100, null, 300, 200];
    const kinds = costs.map((cost) => ({ popularity: 5, inStock: true, cost }));
    const rows = (engines: Engines): number[] => recommend(engines, question(), NOW).map(({ row }) => row);
    // What nobody knows stands at the mean, a half, before what earns less.
    expect(rows(await withMargins(kinds, 0.2))).toEqual([1, 4, 2, 3, 0]);
    expect(rows(await withMargins(kinds, 0))).toEqual([0, 1, 2, 3, 4]);
  });

  test('has the same products in another order: none comes or goes by its margin', async () => {
    await fc.assert(
      fc.asyncProperty(shelf, fc.nat(24), unit, async (kinds, seen, weight) => {
        const asked = question({ deeds: seen < kinds.length ? [viewed(seen, NOW)] : [], limit: 50 });
        const [with_, without] = [await withMargins(kinds, weight), await withMargins(kinds, 0)];
        const [one, other] = [recommend(with_, asked, NOW), recommend(without, asked, NOW)];
        const sorted = (list: typeof one): number[] => list.map(({ row }) => row).sort((a, b) => a - b);
        expect(sorted(one)).toEqual(sorted(other));
        // Neither score nor reason says anything of what a product costs.
        for (const { row, score, reason } of one)
          expect([score, reason]).toEqual(
            other.filter((each) => each.row === row).map((each) => [each.score, each.reason])[0],
          );
      }),
      { numRuns: 200 },
    );
  });

  test('does not put what nobody wants before what is wanted, however much it earns', async () => {
    const kinds = [
      { popularity: 1_000, inStock: true, cost: 500 },
      { popularity: 1, inStock: true, cost: 0 },
      { popularity: 1_000, inStock: false, cost: 0 },
    ];
    const list = recommend(await withMargins(kinds, DEFAULT_SETTINGS.rules.margin), question(), NOW);
    expect(list.map(({ row }) => row)).toEqual([0, 1, 2]);
  });
});
