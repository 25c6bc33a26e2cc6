import fc from 'fast-check';
import { decimalOf, marginOf, typedMoney } from '../../web/src/admin/amounts';

const currency = fc.constantFrom('GBP', 'JPY', 'KWD');

describe('amounts in the back office', () => {
  test('are typed as they are shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), currency, (amount, of) => {
        expect(typedMoney(decimalOf({ amount, currency: of }), of)).toEqual({ amount, currency: of });
      }),
    );
  });

  test.each(['', 'dear', '-1', '1.005', '1,50'])('"%s" is none', (text) => {
    expect(typedMoney(text, 'GBP')).toBeUndefined();
  });

  test('leave a margin where price and cost are known, below nothing where it costs more', () => {
    const gbp = (amount: number) => ({ amount, currency: 'GBP' });
    expect([marginOf(gbp(200), gbp(50)), marginOf(gbp(200), gbp(250)), marginOf(gbp(200), gbp(0))]).toEqual([
      0.75, -0.25, 1,
    ]);
    for (const [price, cost] of [
      [gbp(200), null],
      [undefined, gbp(1)],
      [gbp(0), gbp(0)],
    ] as const)
      expect(marginOf(price, cost)).toBeUndefined();
  });
});
