import { Easy11Error, type Easy11ErrorCode } from '../errors';
import { show } from '../show';
import { ALTERNATIVE, isPlain } from './analysis';
import type { Entry } from './types';

export const LIMITS = {
  ID: 1_024,
  TEXT: 10_000,
  QUERY: 1_000,
  CATEGORIES: 255,
  RESULTS: 1_000,
  /** Weights and prices within ±this: beyond it neighbouring integers are one double. */
  NUMBER: 2 ** 53,
} as const;

const LONE_SURROGATE = /\p{Surrogate}/u;
/** ASCII without U+0001: what nearly every key is, seen to be acceptable in one pass. */
const PLAIN_KEY = /^[\0\x02-\x7f]+$/; // eslint-disable-line no-control-regex -- control characters are acceptable

/** An entry as the engines take it. */
export interface CheckedEntry {
  readonly id: string;
  readonly text: string;
  readonly weight: number;
  /** NaN for none. */
  readonly price: number;
  readonly inStock: boolean;
  /** Joined by U+0001. */
  readonly categories: string;
}

/** Checks a whole entry. O(n) of its strings. Throws Easy11Error with the code of the first field that is wrong. */
export function checkEntry(entry: Entry): CheckedEntry {
  if (typeof entry !== 'object' || entry === null) {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `An entry must be an object, not ${show(entry)}`);
  }
  const { inStock = false } = entry;
  if (typeof inStock !== 'boolean') {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `inStock must be a boolean, not ${show(inStock)}`);
  }
  return {
    id: checkId(entry.id),
    text: checkText(entry.text),
    weight: checkWeight(entry.weight),
    price: entry.price === undefined ? NaN : checkNumber(entry.price, 'ERR_EASY11_INVALID_PRICE', 'price'),
    inStock,
    categories: entry.categories === undefined ? '' : checkCategories(entry.categories, 'ERR_EASY11_INVALID_CATEGORY'),
  };
}

/** A caller's id: a well-formed string of 1 to 1,024 UTF-16 units without U+0001. */
export function checkId(id: string): string {
  return checkKey(id, 'ERR_EASY11_INVALID_ID', 'id');
}

export function checkWeight(weight: number): number {
  return checkNumber(weight, 'ERR_EASY11_INVALID_WEIGHT', 'weight');
}

/** Category ids joined by U+0001, in the order given. */
export function checkCategories(categories: readonly string[], code: Easy11ErrorCode): string {
  if (!Array.isArray(categories)) throw new Easy11Error(code, `categories must be an array, not ${show(categories)}`);
  if (categories.length > LIMITS.CATEGORIES) {
    throw new Easy11Error(code, `At most ${LIMITS.CATEGORIES} categories are possible, not ${categories.length}`);
  }
  for (const category of categories as readonly string[]) checkKey(category, code, 'category id');
  return categories.length === 1 ? (categories[0] as string) : categories.join(ALTERNATIVE);
}

export function isWellFormed(text: string): boolean {
  return isPlain(text) || !LONE_SURROGATE.test(text);
}

function checkText(text: string): string {
  const code = 'ERR_EASY11_INVALID_TEXT';
  if (typeof text !== 'string') throw new Easy11Error(code, `text must be a string, not ${show(text)}`);
  if (text.length > LIMITS.TEXT) {
    throw new Easy11Error(code, `text may have ${LIMITS.TEXT} UTF-16 units, not ${text.length}`);
  }
  if (!isWellFormed(text)) throw new Easy11Error(code, 'text has a lone surrogate: it is not well-formed UTF-16');
  return text;
}

function checkKey(key: string, code: Easy11ErrorCode, name: string): string {
  if (typeof key !== 'string') throw new Easy11Error(code, `${name} must be a string, not ${show(key)}`);
  if (key.length === 0 || key.length > LIMITS.ID) {
    throw new Easy11Error(code, `${name} must have 1 to ${LIMITS.ID} UTF-16 units, not ${key.length}`);
  }
  if (PLAIN_KEY.test(key)) return key;
  if (key.includes(ALTERNATIVE)) throw new Easy11Error(code, `${name} must not contain U+0001`);
  if (!isWellFormed(key)) throw new Easy11Error(code, `${name} has a lone surrogate: it is not well-formed UTF-16`);
  return key;
}

/** A finite number within ±2^53; -0 becomes 0, so that both order and compare alike. */
function checkNumber(value: number, code: Easy11ErrorCode, name: string): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= LIMITS.NUMBER)) {
    throw new Easy11Error(code, `${name} must be a finite number within ±2^53, not ${show(value)}`);
  }
  return value === 0 ? 0 : value;
}
