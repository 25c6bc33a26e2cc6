import fc from 'fast-check';
import type pg from 'pg';
import { importMade } from '../../../src/contexts/catalogue/import';
import { createQuote, readQuote, type QuotedCoupon, type QuoteView } from '../../../src/contexts/pricing';
import { findMarket } from '../../../src/contexts/pricing/markets';
import { addFxSnapshot, createPriceList } from '../../../src/contexts/pricing/price-lists';
import { newFxSnapshotSchema, newPriceListSchema, quoteRequestSchema } from '../../../src/contexts/pricing/schemas';
import { assess, type CouponTerms } from '../../../src/contexts/promotions/rules';
import { minorUnitDigits } from '../../../src/kernel/money';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const CODES = LETTERS.flatMap((a) => LETTERS.flatMap((b) => LETTERS.map((c) => a + b + c)));
/** All whose minor unit is not a hundredth, which are those with a line in the kernel, and all others that ISO 4217 knows. */
const UNUSUAL = CODES.filter((code) => minorUnitDigits(code) !== 2);
const USUAL = Intl.supportedValuesOf('currency').filter((code) => minorUnitDigits(code) === 2);

/** What the catalogue asks, in pence: nothing, next to nothing, and much. */
const CATALOGUE = { FREE: 0, PIN: 1, MUG: 1_250, RING: 98_765_432 };
type Sku = keyof typeof CATALOGUE;
const SKUS = Object.keys(CATALOGUE) as Sku[];
/** Tax within the net price and per line, on top and per order, inside the price, and in two parts. */
const PLACES = [
  { country: 'DE' },
  { country: 'US', state: 'MN' },
  { country: 'BR', state: 'PB' },
  { country: 'IN', state: 'MH' },
] as const;

/** Units of a currency for a euro: no two alike, from a hundredth to thousands, with up to five decimals. */
const rateOf = (currency: string): string => {
  const seed = [...currency].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_003;
  return (seed / 10 ** (seed % 6) + 0.01).toFixed(5);
};

const percent = fc.integer({ min: 0, max: 1_000_000 }).map((ppm) => String(ppm / 10_000));
const basket = fc.record({
  place: fc.constantFrom(...PLACES),
  lines: fc.array(
    fc.record({
      sku: fc.constantFrom(...SKUS),
      quantity: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9_999 })),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  // Of the others the catalogue's own price is exchanged.
  listed: fc.dictionary(fc.constantFrom('FREE', 'MUG', 'RING'), fc.integer({ min: 0, max: 10_000_000 })),
  discountPercent: fc.oneof(fc.constant('0'), percent),
  coupon: fc.option(
    fc.oneof(
      fc.record({ percentPpm: fc.integer({ min: 1, max: 1_000_000 }) }),
      fc.record({ amount: fc.integer({ min: 1, max: 100_000 }) }),
    ),
  ),
});
type Basket = typeof basket extends fc.Arbitrary<infer T> ? T : never;

let scratch: TestDatabase;
let groups = 0;
beforeAll(async () => {
  scratch = await createTestDatabase();
  const products = SKUS.map((sku) => ({ line: 0, sku, name: sku, price: CATALOGUE[sku], status: 'active' as const }));
  await importMade({ database: scratch.database, currency: 'GBP' }, products, {});
  const rates = Object.fromEntries([...UNUSUAL, ...USUAL].map((code) => [code, rateOf(code)]));
  const { EUR: _base, ...others } = rates;
  const snapshot = { base: 'EUR', source: 'made up', takenOn: '2026-01-02', rates: others };
  await addFxSnapshot(scratch.database.pool, newFxSnapshotSchema.parse(snapshot));
  // No market offers most of these: here each place takes all.
  for (const { country, ...where } of PLACES) {
    const market = findMarket(country, 'state' in where ? where.state : undefined);
    if (typeof market === 'string') throw new Error(`${country} is not served`);
    jest.replaceProperty(market as { currencies: readonly string[] }, 'currencies', [...UNUSUAL, ...USUAL]);
  }
});
afterAll(async () => {
  jest.restoreAllMocks();
  await scratch.drop();
});

/** A stored quote in a currency, of a price list that is for this basket alone, and with a coupon. */
async function quoted(client: pg.PoolClient, currency: string, given: Basket): Promise<QuoteView> {
  const customerGroup = `g${++groups}`;
  const prices = Object.entries(given.listed).map(([sku, amount]) => ({ sku, amount }));
  const list = { name: 'List', currency, customerGroup, discountPercent: given.discountPercent, prices };
  await createPriceList(client, newPriceListSchema.parse(list));
  const request = quoteRequestSchema.parse({ destination: given.place, currency, lines: given.lines });
  return createQuote(client, request, customerGroup, couponOf(currency, given.coupon));
}

function couponOf(currency: string, off: Basket['coupon']): QuotedCoupon | undefined {
  if (off === null) return undefined;
  const terms: CouponTerms = {
    ...{ id: 'cpn_1', code: 'SAVE', name: 'Save', minimums: {}, customerGroup: null, state: 'active' },
    ...{ begun: true, over: false, usedUp: false, holdoutPpm: 0 },
    percentPpm: 'percentPpm' in off ? off.percentPpm : null,
    amounts: 'amount' in off ? { [currency]: off.amount } : {},
  };
  return {
    id: terms.id,
    code: terms.code,
    cartId: 'crt_1',
    weigh: (priced) => assess(terms, { ...priced, shopper: 'crt_1' }),
  };
}

const FIGURES = ['subtotal', 'discount', 'tax', 'total'] as const;
const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0);
/** Whether a whole number is the nearest to a fraction: never more than half a unit off. */
const isNearest = (whole: number, over: bigint, under: bigint): boolean => {
  const off = 2n * (BigInt(whole) * under - over);
  return -under <= off && off <= under;
};
/** A decimal of five places, as hundred-thousandths. */
const scaled = (decimal: string): bigint => BigInt(decimal.replace('.', ''));

function addsUp(quote: QuoteView, currency: string): void {
  const amounts = [quote, ...quote.lines].flatMap((one) => FIGURES.map((figure) => one[figure]));
  for (const money of [...amounts, ...quote.taxes.map(({ amount }) => amount)]) {
    expect(money.currency).toBe(currency);
    expect(Number.isSafeInteger(money.amount) && money.amount >= 0).toBe(true);
  }
  for (const figure of FIGURES) expect(sum(quote.lines.map((line) => line[figure].amount))).toBe(quote[figure].amount);
  expect(sum(quote.taxes.map(({ amount }) => amount.amount))).toBe(quote.tax.amount);
  for (const { subtotal, discount, tax, total } of [quote, ...quote.lines])
    expect(total.amount).toBe(subtotal.amount - discount.amount + (quote.taxIncluded ? 0 : tax.amount));
  for (const { unitPrice, quantity, subtotal } of quote.lines)
    expect(subtotal.amount).toBe(unitPrice.amount * quantity);
}

/** Every price is the list's, or the catalogue's pence in the minor units of the currency, which may be none or thousandths. */
function isPriced(quote: QuoteView, currency: string, { listed }: Basket): void {
  const rate = scaled(currency === 'EUR' ? '1.00000' : rateOf(currency));
  for (const { sku, unitPrice } of quote.lines) {
    const over = BigInt(CATALOGUE[sku as Sku]) * rate * 10n ** BigInt(minorUnitDigits(currency));
    if (listed[sku] !== undefined) expect(unitPrice.amount).toBe(listed[sku]);
    else expect(isNearest(unitPrice.amount, over, scaled(rateOf('GBP')) * 100n)).toBe(true);
  }
}

/** What is taken off is what was promised, to half a unit, and each line bears its share, to one. */
function takesOff(quote: QuoteView, { discountPercent, coupon }: Basket): void {
  const [subtotal, byCoupon] = [quote.subtotal.amount, quote.coupon?.amount.amount ?? 0];
  const byList = quote.discount.amount - byCoupon;
  const ppm = Math.round(Number(discountPercent) * 10_000);
  expect(isNearest(byList, BigInt(subtotal) * BigInt(ppm), 1_000_000n)).toBe(true);
  const left = subtotal - byList;
  if (coupon === null) expect(byCoupon).toBe(0);
  else if ('amount' in coupon) expect(byCoupon).toBe(Math.min(coupon.amount, left));
  else expect(isNearest(byCoupon, BigInt(left) * BigInt(coupon.percentPpm), 1_000_000n)).toBe(true);
  for (const line of quote.lines) {
    const share = subtotal === 0 ? 0 : (line.subtotal.amount * quote.discount.amount) / subtotal;
    // One unit for each of the two that are shared out.
    expect(Math.abs(line.discount.amount - share)).toBeLessThan(2 + share * 1e-12);
  }
}

const holds = (currency: string, runs: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(basket, async (given) => {
      const { database } = scratch;
      const quote = await database.transaction((client) => quoted(client, currency, given));
      addsUp(quote, currency);
      isPriced(quote, currency, given);
      takesOff(quote, given);
      // What is kept, and charged, is this to the last figure.
      expect(await readQuote(database.pool, quote.id)).toEqual(quote);
    }),
    // Every currency has baskets of its own, and the same each time.
    { seed: parseInt(currency, 36), numRuns: runs },
  );

const digits = (count: number): string[] => UNUSUAL.filter((code) => minorUnitDigits(code) === count);

describe('a quote adds up in whole minor units, with inclusive and exclusive tax, discounts and coupons', () => {
  test.each(digits(0))('in %s, which has no minor unit', (currency) => holds(currency, 8));
  test.each(digits(3))('in %s, which has thousandths', (currency) => holds(currency, 8));
  test('in every currency that has hundredths', async () => {
    expect(USUAL.length).toBeGreaterThan(100);
    for (const currency of USUAL) await holds(currency, 1);
  });

  test('the yen and the dinar among them', () => {
    expect(digits(0)).toEqual(expect.arrayContaining(['JPY', 'KRW', 'CLP']));
    expect(digits(3)).toEqual(expect.arrayContaining(['KWD', 'BHD', 'TND']));
  });
});
