import fc from 'fast-check';
import { formatMoney, minorUnitDigits, money, parseMinorUnits } from '../../src/kernel/money';

describe('money', () => {
  test.each([
    ['2.55', 'GBP', 255],
    ['2.5', 'GBP', 250],
    ['-11062.06', 'GBP', -1106206],
    ['0.001', 'KWD', 1],
    ['2.550', 'GBP', 255],
    ['12', 'JPY', 12],
    [' 3. ', 'EUR', 300],
    ['-0.00', 'EUR', 0],
  ])('reads %s %s as %i minor units', (text, currency, units) => {
    expect(parseMinorUnits(text, currency)).toBe(units);
  });

  test.each([
    ['2.555', 'GBP'],
    ['1.5', 'JPY'],
    ['1,50', 'EUR'],
    ['1e3', 'EUR'],
    ['', 'EUR'],
    ['.5', 'EUR'],
    ['99999999999999999', 'EUR'],
  ])('refuses %s %s rather than round it', (text, currency) => {
    expect(parseMinorUnits(text, currency)).toBeUndefined();
  });

  test('reading back what was written loses no unit, in any currency', () => {
    const currency = fc.constantFrom('GBP', 'JPY', 'KWD', 'BRL');
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), currency, (units, code) => {
        const [text = '', shown] = formatMoney({ amount: units, currency: code }).split(' ');
        expect(parseMinorUnits(text, code)).toBe(units === 0 ? 0 : units);
        expect([shown, text.split('.')[1]?.length ?? 0]).toEqual([code, minorUnitDigits(code)]);
      }),
      { seed: 1 },
    );
  });

  test.each([
    [65, 'GBP', '0.65 GBP'],
    [1_000_000_000, 'GBP', '10000000.00 GBP'],
    [-5, 'EUR', '-0.05 EUR'],
    [0, 'BRL', '0.00 BRL'],
    [1500, 'JPY', '1500 JPY'],
    [1, 'KWD', '0.001 KWD'],
  ])('shows %i minor units of %s as %s', (amount, currency, text) => {
    expect(formatMoney({ amount, currency })).toBe(text);
  });

  test('is never a fraction', () => {
    expect(() => money(19.99, 'GBP')).toThrow(RangeError);
    expect(() => money(1, 'pounds')).toThrow(RangeError);
    expect(money(1999, 'GBP')).toEqual({ amount: 1999, currency: 'GBP' });
  });
});
