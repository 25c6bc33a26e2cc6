/**
 * What the rows of the data set "Online Retail" mean (Chen, D. 2015, UCI Machine Learning Repository,
 * https://doi.org/10.24432/C5BW33). Pure decisions; online-retail.ts reads the file and counts.
 */

/** What a row is: exactly one of these, decided in this order. Only `used` rows make products. */
export const ROW_CLASSES = [
  'badDebtRows',
  'cancellationRows',
  'stockAdjustmentRows',
  'zeroQuantityRows',
  'nonProductRows',
  'unpricedRows',
  'negativePriceRows',
  'usedRows',
] as const;
export type RowClass = (typeof ROW_CLASSES)[number];

/** Codes of postage, fees, discounts and bookings by hand. Everything else is a product, gift vouchers too. */
const NON_PRODUCTS: ReadonlySet<string> = new Set([
  'POST',
  'DOT',
  'M',
  'C2',
  'D',
  'S',
  'B',
  'BANK CHARGES',
  'AMAZONFEE',
  'CRUK',
]);

export const isNonProduct = (code: string): boolean => NON_PRODUCTS.has(code);

export interface Row {
  readonly invoice: string;
  /** In capitals: 85123a is 85123A. */
  readonly code: string;
  readonly quantity: number;
  /** Pounds. */
  readonly price: number;
}

export function classOf({ invoice, code, quantity, price }: Row): RowClass {
  if (/^a/i.test(invoice)) return 'badDebtRows';
  if (/^c/i.test(invoice)) return 'cancellationRows';
  if (quantity < 0) return 'stockAdjustmentRows';
  if (quantity === 0) return 'zeroQuantityRows';
  if (isNonProduct(code)) return 'nonProductRows';
  if (price === 0) return 'unpricedRows';
  return price < 0 ? 'negativePriceRows' : 'usedRows';
}

const STOCK_NOTE =
  /^(\?|damage|broken|crush|smash|check|wet\b|rust|mould|mailout|lost\b|missing|found\b|fault|thrown|throw|adjust|amazon|dotcom\b|sold as|wrong|mix(ed)? ?up|incorrect|mystery|test\b|ebay|fba\b|return|unsaleable|website fixed|re-?adjust|lighthouse|taig|barcode|label mix|stock|came coded|code mix|john lewis|allocate|temp\b|did a credit|had been|can't|given away|show samples|wrongly)/i;

/**
 * Whether a description names a product. The names of this shop are written in capitals; what is written small, or begins
 * with one of a few words, is a note about stock: "damaged", "?", "sold as set on dotcom".
 */
export function isPlausibleName(description: string): boolean {
  return /\p{L}{2}/u.test(description) && /\p{Lu}/u.test(description) && !STOCK_NOTE.test(description);
}

/** A name without the spaces that do not belong there. Capitals stay: they are what the shop wrote. */
export const tidyName = (description: string): string => description.trim().replace(/\s+/g, ' ').slice(0, 200);

/** The key with the highest count; of equals the one that came first. */
export function mostFrequent<K>(counts: ReadonlyMap<K, number>): K | undefined {
  let best: K | undefined;
  let most = 0;
  for (const [key, count] of counts) {
    if (count > most) [best, most] = [key, count];
  }
  return best;
}

/** A moment as the file writes it, "2010-12-01 08:26:00" or "12/1/2010 8:26" (month first), as a date without zone. */
export function parseMoment(text: string): Date | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.0+)?Z?$/.exec(text);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  const [year, month, day] = iso
    ? [Number(iso[1]), Number(iso[2]), Number(iso[3])]
    : [Number(american?.[3]), Number(american?.[1]), Number(american?.[2])];
  const [, , , , hour, minute, second = '0'] = iso ?? american ?? [];
  const moment = new Date(Date.UTC(year, month - 1, day, Number(hour), Number(minute), Number(second)));
  const isReal = moment.getUTCFullYear() === year && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day;
  return isReal && Number(hour) < 24 && Number(minute) < 60 ? moment : undefined;
}
