import { rates, type Market } from './types';

export type { Market, Region, Tax } from './types';

/**
 * Where the shop sells. Standard rates only: reduced rates by kind of goods, local sales taxes below a state's, and exemptions
 * are not in here. `source` is where to look them up; they have not been compared with it. Whoever charges them for real has them
 * checked, and changes them here with source and date.
 */
const PER_LINE = { level: 'line', mode: 'half-up' } as const;
const PER_ORDER = { level: 'order', mode: 'half-up' } as const;

const UNITED_STATES = rates(
  `AL 4, AK 0, AZ 5.6, AR 6.5, CA 7.25, CO 2.9, CT 6.35, DE 0, DC 6, FL 6, GA 4, HI 4, ID 6, IL 6.25, IN 7, IA 6, KS 6.5,
   KY 6, LA 5, ME 5.5, MD 6, MA 6.25, MI 6, MN 6.875, MS 7, MO 4.225, MT 0, NE 5.5, NV 6.85, NH 0, NJ 6.625, NM 4.875,
   NY 4, NC 4.75, ND 5, OH 5.75, OK 4.5, OR 0, PA 6, RI 7, SC 6, SD 4.2, TN 7, TX 6.25, UT 6.1, VT 6, VA 5.3, WA 6.5,
   WV 6, WI 5, WY 4`,
).map(([state, ratePpm]): Market => ({
  region: 'US',
  country: 'US',
  state,
  currencies: ['USD'],
  treatment: 'exclusive',
  rounding: PER_ORDER,
  taxes: [{ name: `${state} sales tax`, ratePpm }],
  source: 'Tax Foundation, State and Local Sales Tax Rates, 2025: the state-wide rate',
  asOf: '2025-01-01',
}));

const EUROPEAN_UNION = rates(
  `AT 20, BE 21, BG 20, HR 25, CY 19, CZ 21, DK 25, EE 24, FI 25.5, FR 20, DE 19, GR 24, HU 27, IE 23, IT 22, LV 21, LT 21,
   LU 17, MT 18, NL 21, PL 23, PT 23, RO 21, SK 23, SI 22, ES 21, SE 25`,
).map(([country, ratePpm]): Market => ({
  region: 'EU',
  country,
  state: undefined,
  currencies: ['EUR'],
  treatment: 'inclusive',
  rounding: PER_LINE,
  taxes: [{ name: 'VAT', ratePpm }],
  source: 'European Commission, Taxes in Europe Database: standard rates',
  asOf: '2025-08-01',
}));

const single = (market: Omit<Market, 'state' | 'rounding' | 'treatment'>): Market => ({
  ...market,
  state: undefined,
  treatment: 'inclusive',
  rounding: PER_LINE,
});

const OTHERS: readonly Market[] = [
  single({
    region: 'APAC',
    country: 'AU',
    currencies: ['AUD', 'SGD'],
    taxes: [{ name: 'GST', ratePpm: 100_000 }],
    source: 'Australian Taxation Office, GST',
    asOf: '2000-07-01',
  }),
  single({
    region: 'APAC',
    country: 'SG',
    currencies: ['SGD', 'AUD'],
    taxes: [{ name: 'GST', ratePpm: 90_000 }],
    source: 'Inland Revenue Authority of Singapore, current GST rates',
    asOf: '2024-01-01',
  }),
  single({
    region: 'GB',
    country: 'GB',
    currencies: ['GBP'],
    taxes: [{ name: 'VAT', ratePpm: 200_000 }],
    source: 'HM Revenue & Customs, VAT rates',
    asOf: '2011-01-04',
  }),
];

/** Where the goods are sent from: within the state two taxes of half the rate are due, across states one of all of it. */
const SELLER_STATE = 'MH';
const INDIAN_STATES =
  'AN AP AR AS BR CG CH DH DL GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD PB PY RJ SK TN TR TS UK UP WB';
const INDIA = INDIAN_STATES.split(' ').map((state): Market => ({
  region: 'IN',
  country: 'IN',
  state,
  currencies: ['INR'],
  treatment: 'inclusive',
  rounding: PER_LINE,
  taxes:
    state === SELLER_STATE
      ? [
          { name: 'CGST', ratePpm: 90_000 },
          { name: 'SGST', ratePpm: 90_000 },
        ]
      : [{ name: 'IGST', ratePpm: 180_000 }],
  source: 'GST Council, rates from 22 September 2025: the standard rate',
  asOf: '2025-09-22',
}));

const BRAZIL = rates(
  `AC 19, AL 19, AM 20, AP 18, BA 20.5, CE 20, DF 20, ES 17, GO 19, MA 23, MG 18, MS 17, MT 17, PA 19, PB 20, PE 20.5, PI 22.5,
   PR 19.5, RJ 20, RN 20, RO 19.5, RR 20, RS 17, SC 17, SE 19, SP 18, TO 20`,
).map(([state, ratePpm]): Market => ({
  region: 'BR',
  country: 'BR',
  state,
  currencies: ['BRL'],
  treatment: 'inside',
  rounding: PER_LINE,
  taxes: [{ name: 'ICMS', ratePpm }],
  source: 'State laws on ICMS, internal rates of 2025 without poverty funds',
  asOf: '2025-04-01',
}));

export const MARKETS: readonly Market[] = [...UNITED_STATES, ...EUROPEAN_UNION, ...OTHERS, ...INDIA, ...BRAZIL];

const BY_PLACE = new Map(MARKETS.map((market) => [`${market.country}/${market.state ?? ''}`, market]));
const WITH_STATES = new Set(MARKETS.filter(({ state }) => state !== undefined).map(({ country }) => country));
const COUNTRIES = new Set(MARKETS.map(({ country }) => country));

/** The market of a destination, or which part of it is wrong. Countries without states do not look at the state. */
export function findMarket(country: string, state: string | undefined): Market | 'country' | 'state' {
  if (!COUNTRIES.has(country)) return 'country';
  return BY_PLACE.get(`${country}/${WITH_STATES.has(country) ? (state ?? '?') : ''}`) ?? 'state';
}
