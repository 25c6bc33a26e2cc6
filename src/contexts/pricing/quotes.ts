import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { allocate } from '../../kernel/exact';
import { newId } from '../../kernel/ids';
import { mergeLines, type Line } from '../../kernel/lines';
import type { Money } from '../../kernel/money';
import { readPrices } from '../catalogue';
import { findMarket, type Market } from './markets';
import { exchange, ppmToPercent, priceBasket, type CouponOff, type PricedBasket } from './rules';
import type { FxSnapshotView, QuoteRequest, QuoteView, Step } from './schemas';
import * as store from './store';

/** How long a price is promised. */
const VALID_SECONDS = 900;

/** A unit price, and how it came about. */
interface UnitPrice {
  readonly amount: number;
  readonly steps: readonly Step[];
  readonly snapshot: FxSnapshotView | undefined;
}

/** The coupon of a cart, which promotions know: what it does for a basket whose subtotal is known only here. */
export interface QuotedCoupon {
  readonly id: string | null;
  readonly code: string;
  readonly cartId: string;
  readonly weigh: (basket: {
    readonly currency: string;
    readonly subtotal: number;
    readonly group: string | null;
  }) => { readonly problem: null; readonly off: CouponOff } | { readonly problem: string };
}

/**
 * Prices a basket and stores the result, in the caller's transaction: it is what checkout charges until it expires. Of a cart it
 * has the coupon, and who is counted where coupons are measured. Throws
 * `validation-failed` (a place that is not served, a sku that is not for sale, more than an amount can be) and
 * `currency-not-offered`.
 */
export async function createQuote(
  client: pg.PoolClient,
  request: QuoteRequest,
  customerGroup: string | null,
  coupon?: QuotedCoupon,
  shopper: string | null = null,
): Promise<QuoteView> {
  const market = marketOf(request.destination);
  const currency = currencyOf(market, request.currency);
  const lines = mergeLines(request.lines);
  const units = await unitPrices(client, request, lines, currency, customerGroup);
  const discount = await store.findDiscount(client, currency, customerGroup);
  const ratePpm = market.taxes.reduce((sum, tax) => sum + tax.ratePpm, 0);
  const items = lines.map(({ quantity }, index) => ({ unitAmount: units[index]?.amount ?? 0, quantity }));
  const plain = priced(items, discount?.ppm ?? 0, market, ratePpm);
  const weighed = coupon?.weigh({ currency, subtotal: plain.subtotal, group: customerGroup });
  const off = weighed?.problem === null ? weighed.off : undefined;
  const basket = off ? priced(items, discount?.ppm ?? 0, market, ratePpm, off) : plain;
  const money = (amount: number): Money => ({ amount, currency });
  const figures = ({ subtotal, discount: less, tax, total }: Omit<PricedBasket, 'lines' | 'taxAdded' | 'coupon'>) => ({
    subtotal: money(subtotal),
    discount: money(less),
    tax: money(tax),
    total: money(total),
  });
  const taxIncluded = market.treatment !== 'exclusive';
  const taxParts = allocate(
    basket.tax,
    market.taxes.map((tax) => tax.ratePpm),
  );
  const snapshot = units.find((unit) => unit.snapshot)?.snapshot;
  const document: store.QuoteDocument = {
    destination: { country: market.country, state: market.state ?? null },
    region: market.region,
    currency,
    customerGroup,
    lines: basket.lines.map((line, index) => {
      const [unit, { sku = '', quantity = 0 } = {}] = [units[index], lines[index]];
      const explain: Step[] = [
        ...(unit?.steps ?? []),
        { step: 'quantity', detail: `times ${quantity}`, result: money(line.subtotal) },
        ...(discount
          ? [
              {
                step: 'discount' as const,
                detail: `${ppmToPercent(discount.ppm)} % off the order by "${discount.list}", this line's share`,
                result: money(line.subtotal - line.discount + line.coupon),
              },
            ]
          : []),
        ...(off && coupon
          ? [
              {
                step: 'coupon' as const,
                detail: `${'amount' in off ? 'an amount' : `${ppmToPercent(off.percentPpm)} %`} off the order by the coupon ${coupon.code}, this line's share`,
                result: money(line.subtotal - line.discount),
              },
            ]
          : []),
        {
          step: 'tax',
          detail: `${taxIncluded ? 'includes' : 'plus'} ${ppmToPercent(ratePpm)} % ${market.taxes.map(({ name }) => name).join(' + ')}, rounded per ${market.rounding.level}, ${market.rounding.mode}`,
          result: money(line.total),
        },
      ];
      return { sku, quantity, unitPrice: money(unit?.amount ?? 0), ...figures(line), explain };
    }),
    ...figures(basket),
    coupon: coupon
      ? {
          id: coupon.id,
          code: coupon.code,
          cartId: coupon.cartId,
          amount: money(basket.coupon),
          problem: weighed?.problem ?? null,
        }
      : null,
    taxIncluded,
    taxes: market.taxes.map((tax, index) => ({
      name: tax.name,
      percent: ppmToPercent(tax.ratePpm),
      amount: money(taxParts[index] ?? 0),
    })),
    rounding: market.rounding,
    fxSnapshot: snapshot ? { id: snapshot.id, source: snapshot.source, takenOn: snapshot.takenOn } : null,
  };
  return store.insertQuote(client, newId('quo'), document, {
    taxAdded: basket.taxAdded,
    shopper,
    validSeconds: VALID_SECONDS,
  });
}

/** A quote as everybody may see it. Throws what readStoredQuote throws. */
export async function readQuote(client: store.Queryable, id: string): Promise<QuoteView> {
  const { shopper: _, ...quote } = await readStoredQuote(client, id);
  return quote;
}

/** A quote that may still be charged. Throws `not-found`, and `quote-expired` from its time on, by the database's clock. */
export async function readStoredQuote(client: store.Queryable, id: string): Promise<store.StoredQuote> {
  const found = (await store.findQuotes(client, [id])).get(id);
  if (!found) throw new Problem('not-found', `There is no quote ${id}`);
  if (found.expired) throw new Problem('quote-expired', `The quote was valid until ${found.quote.expiresAt}`);
  return found.quote;
}

/** Of these quotes those that may still be charged, by id. */
export async function readQuotes(
  client: store.Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, store.StoredQuote>> {
  const found = await store.findQuotes(client, ids);
  return new Map([...found].flatMap(([id, { quote, expired }]) => (expired ? [] : [[id, quote]])));
}

function marketOf({ country, state }: QuoteRequest['destination']): Market {
  const market = findMarket(country, state);
  if (market === 'country') throw wrong('/destination/country', 'not-served', `${country} is not served`);
  if (market === 'state')
    throw wrong('/destination/state', 'not-served', state ? `${state} is no state of ${country}` : 'is missing');
  return market;
}

function currencyOf(market: Market, wanted: string | undefined): string {
  const [usual = ''] = market.currencies;
  if (wanted === undefined) return usual;
  if (market.currencies.includes(wanted)) return wanted;
  throw new Problem('currency-not-offered', `In ${market.country} one pays in ${market.currencies.join(' or ')}`, {
    violations: [
      { pointer: '/currency', code: 'currency-not-offered', detail: `must be ${market.currencies.join(' or ')}` },
    ],
  });
}

/** A list's price where there is one, else the catalogue's, exchanged where it is in another currency. */
async function unitPrices(
  client: pg.PoolClient,
  request: QuoteRequest,
  lines: readonly Line[],
  currency: string,
  group: string | null,
): Promise<UnitPrice[]> {
  const skus = lines.map(({ sku }) => sku);
  const catalogue = await readPrices(client, skus);
  const unknown = request.lines.flatMap(({ sku }, index): Violation[] =>
    catalogue.has(sku)
      ? []
      : [{ pointer: `/lines/${index}/sku`, code: 'unknown-sku', detail: `"${sku}" is not for sale` }],
  );
  if (unknown[0]) throw new Problem('validation-failed', unknown[0].detail, { violations: unknown });
  const lists = await store.findListPrices(client, currency, group, lines);
  let snapshot: FxSnapshotView | undefined;
  const units: UnitPrice[] = [];
  for (const { sku } of lines) {
    const listed = lists.get(sku);
    const own = catalogue.get(sku) as Money;
    const base: Step = { step: 'catalogue-price', detail: 'the catalogue’s price', result: own };
    if (listed) {
      const detail = `"${listed.list}" from ${listed.minQuantity} on`;
      const step: Step = { step: 'price-list', detail, result: { amount: listed.amount, currency } };
      units.push({ amount: listed.amount, steps: [step], snapshot: undefined });
    } else if (own.currency === currency) units.push({ amount: own.amount, steps: [base], snapshot: undefined });
    else {
      snapshot ??= await store.findLatestSnapshot(client);
      const amount = snapshot && exchange(own.amount, own.currency, currency, snapshot.rates);
      if (amount === undefined || !snapshot)
        throw wrong('/currency', 'no-rate', `There is no rate from ${own.currency} to ${currency}, and no price in it`);
      const detail = `${own.currency} to ${currency} by ${snapshot.source} of ${snapshot.takenOn}, rounded half-up`;
      units.push({ amount, steps: [base, { step: 'exchange', detail, result: { amount, currency } }], snapshot });
    }
  }
  return units;
}

function priced(
  items: readonly { readonly unitAmount: number; readonly quantity: number }[],
  discountPpm: number,
  { treatment, rounding }: Market,
  ratePpm: number,
  off?: CouponOff,
): PricedBasket {
  try {
    return priceBasket(items, discountPpm, { treatment, ratePpm, rounding }, off);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw wrong('/lines', 'too-big', 'come to more than an amount can be');
  }
}

const wrong = (pointer: string, code: string, detail: string): Problem =>
  new Problem('validation-failed', `${pointer} ${detail}`, { violations: [{ pointer, code, detail }] });
