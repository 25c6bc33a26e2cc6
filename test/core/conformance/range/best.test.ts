import { RangeIndex, type Where } from '../../../../src/core';
import { Random } from '../../../support/random';

const ROWS = 40_000;

/** Rows whose best by one score lie side by side in order of price, and by the other anywhere. */
function makeColumns(random: Random): Record<'price' | 'popularity' | 'clicks' | 'stock', number[]> {
  const price = Array.from({ length: ROWS }, () => random.below(5_000));
  const near = (value: number): number => 100 - Math.abs(value - 2_500) / 25;
  return {
    price,
    popularity: price.map((value) => Math.round(random.chance(0.2) ? random.below(100) : near(value))),
    clicks: price.map(() => random.below(30_000)),
    stock: price.map(() => random.below(10)),
  };
}

describe('the best rows of a range', () => {
  test('are those of a look at every row, however many are wanted, where they lie close together and ranges cut them', async () => {
    const random = new Random(5);
    const columns = makeColumns(random);
    using index = await RangeIndex.fromColumns(
      {
        numbers: {
          price: { type: 'int32', tree: true },
          popularity: { type: 'float32', score: true },
          clicks: { type: 'int32', score: true },
          stock: { type: 'int32' },
        },
      },
      columns,
    );
    const orderBy = (by: 'popularity' | 'clicks'): number[] =>
      columns.price.map((_, id) => id).sort((a, b) => (columns[by][b] as number) - (columns[by][a] as number) || a - b);
    const orders = { popularity: orderBy('popularity'), clicks: orderBy('clicks') };
    for (let i = 0; i < 200; i++) {
      const gte = random.chance(0.5) ? 2_400 + random.below(200) : random.below(5_000);
      const lte = gte + (random.chance(0.5) ? random.below(150) : random.below(5_000));
      const least = random.chance(0.4) ? random.below(11) : 0;
      const where: Where = { price: { gte, lte }, ...(least > 0 && { stock: { gte: least } }) };
      const by = random.pick(['popularity', 'clicks'] as const);
      const limit = random.pick([1, 20, 32, 33, 250, 1_000]);
      const isWanted = (id: number): boolean => {
        const price = columns.price[id] as number;
        return price >= gte && price <= lte && (columns.stock[id] as number) >= least;
      };
      const expected = orders[by].filter(isWanted).slice(0, limit);
      expect({ by, where, limit, ids: index.top({ by, where, limit }) }).toEqual({
        by,
        where,
        limit,
        ids: expected,
      });
    }
  });
});
