import fc from 'fast-check';
import { priceCart } from '../../../src/contexts/cart/rules';

const sku: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const line = fc.record({ sku, quantity: fc.integer({ min: 1, max: 1_000_000 }) });
const offer = fc.record({
  productId: fc.constant('prd_1'),
  name: fc.string(),
  image: fc.constant('/x.svg'),
  price: fc.record({
    amount: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 1_000_000_000_000 })),
    currency: fc.constantFrom('GBP', 'GBP', 'EUR'),
  }),
});
const lines = fc.uniqueArray(line, { selector: (one) => one.sku });
const offers = fc.array(fc.tuple(sku, offer)).map((pairs) => new Map(pairs));
const stock = fc.array(fc.tuple(sku, fc.integer({ min: 0, max: 2_000_000 }))).map((pairs) => new Map(pairs));

describe('a priced cart', () => {
  test('has a subtotal that is the exact sum of its lines, each exactly price times quantity', () => {
    fc.assert(
      fc.property(lines, offers, stock, (held, catalogue, levels) => {
        const cart = priceCart(held, 'GBP', catalogue, levels);
        let sum = 0n;
        for (const { total, unitPrice, quantity } of cart.lines) {
          if (total === null) continue;
          expect([total.currency, unitPrice?.currency]).toEqual(['GBP', 'GBP']);
          expect(BigInt(total.amount)).toBe(BigInt(unitPrice?.amount ?? -1) * BigInt(quantity));
          sum += BigInt(total.amount);
        }
        expect(BigInt(cart.subtotal.amount)).toBe(sum);
        expect(Number.isSafeInteger(cart.subtotal.amount)).toBe(true);
      }),
      { seed: 4, numRuns: 2_000 },
    );
  });

  test('is ready exactly when every line can be had, can be summed and is for sale', () => {
    fc.assert(
      fc.property(lines, offers, stock, (held, catalogue, levels) => {
        const cart = priceCart(held, 'GBP', catalogue, levels);
        expect(cart.lines.map(({ sku: one, quantity }) => ({ sku: one, quantity }))).toEqual(held);
        expect(cart.units).toBe(held.reduce((sum, { quantity }) => sum + quantity, 0));
        const good = cart.lines.filter(
          ({ sku: one, quantity, total }) => total !== null && catalogue.has(one) && (levels.get(one) ?? 0) >= quantity,
        );
        expect(cart.ready).toBe(held.length > 0 && good.length === held.length);
        expect(cart.lines.filter(({ problem }) => problem === null)).toEqual(good);
      }),
      { seed: 4, numRuns: 2_000 },
    );
  });

  test.each([
    [new Map(), new Map([['a', 9]]), 'not-for-sale'],
    [1, new Map(), 'out-of-stock'],
    [1, new Map([['a', 1]]), 'short-of-stock'],
    [1_000_000_000_000_000, new Map([['a', 900]]), 'too-large'],
    [1, new Map([['a', 900]]), null],
  ] as const)('says what is the matter with a line (%#)', (price, levels, problem) => {
    const catalogue =
      typeof price === 'number'
        ? new Map([['a', { productId: 'prd_1', name: 'A', image: '/', price: { amount: price, currency: 'GBP' } }]])
        : new Map();
    expect(priceCart([{ sku: 'a', quantity: 10 }], 'GBP', catalogue, levels).lines[0]).toMatchObject({ problem });
  });
});
