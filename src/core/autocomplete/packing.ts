import type { Entry } from './types';
import { LIMITS } from './validate';

/** Most entries of one pack, and bytes of their strings. */
const ENTRIES = 32;
const BYTES = 8_192;
/** Of one entry: two doubles and four 32-bit numbers. bindings/autocomplete_binding.cpp reads the same. */
const RECORD = 32;

const SEPARATOR = 1;
/** What a unit may be part of: any key but U+0001; a text whose words the engines derive by themselves. */
const KEY = 1;
const PLAIN = 2;
const ROLES = Uint8Array.from({ length: 128 }, (_, unit) => {
  const special = unit === 0x27 || unit === 0x2d || unit === 0x60 || unit === 0x7f;
  return (unit === SEPARATOR ? 0 : KEY) | (special ? 0 : PLAIN);
});

/**
 * Entries on their way to the native engine, laid down in a buffer so that one call takes many. Nothing is made for the
 * collector on the way: numbers are not boxed, and strings are read unit by unit, which checks them in the same pass.
 *
 * The buffer: of each entry its weight and price as doubles, the bytes of id, text and categories and whether it is in stock
 * as 32-bit numbers; behind all of these the strings, one after the other.
 */
export class Pack {
  readonly buffer = new ArrayBuffer(ENTRIES * RECORD + BYTES);
  count = 0;
  readonly #doubles = new Float64Array(this.buffer, 0, (ENTRIES * RECORD) / 8);
  readonly #integers = new Uint32Array(this.buffer, 0, (ENTRIES * RECORD) / 4);
  readonly #bytes = new Uint8Array(this.buffer, ENTRIES * RECORD);
  #used = 0;

  get isFull(): boolean {
    return this.count === ENTRIES;
  }

  /** The id of an entry of the pack. */
  idAt(place: number): string {
    let at = 0;
    for (let i = 0; i < place; i++) for (let part = 4; part < 7; part++) at += this.#integers[i * 8 + part] as number;
    return String.fromCharCode(...this.#bytes.subarray(at, at + (this.#integers[place * 8 + 4] as number)));
  }

  clear(): void {
    this.count = 0;
    this.#used = 0;
  }

  /**
   * Lays an entry down. False, with nothing laid down, when there is no room or when it is none of those that nearly all are:
   * acceptable, with ids and categories of ASCII and a text of plain words. Others are checked and appended one by one.
   */
  add(entry: Entry): boolean {
    if (typeof entry !== 'object' || entry === null || this.count === ENTRIES) return false;
    const { id, text, weight, price = NaN, inStock = false, categories } = entry;
    if (typeof id !== 'string' || typeof text !== 'string' || typeof inStock !== 'boolean') return false;
    if (id.length === 0 || id.length > LIMITS.ID || text.length > LIMITS.TEXT) return false;
    if (!isNumber(weight) || !(price !== price ? entry.price === undefined : isNumber(price))) return false;
    const idEnd = this.#put(id, this.#used, KEY);
    if (idEnd < 0) return false;
    const textEnd = this.#put(text, idEnd, PLAIN);
    if (textEnd < 0) return false;
    const end = categories === undefined ? textEnd : this.#putCategories(categories, textEnd);
    if (end < 0) return false;
    const { count } = this;
    this.#doubles[count * 4] = weight === 0 ? 0 : weight;
    this.#doubles[count * 4 + 1] = price === 0 ? 0 : price;
    this.#integers[count * 8 + 4] = idEnd - this.#used;
    this.#integers[count * 8 + 5] = textEnd - idEnd;
    this.#integers[count * 8 + 6] = end - textEnd;
    this.#integers[count * 8 + 7] = inStock ? 1 : 0;
    this.#used = end;
    this.count = count + 1;
    return true;
  }

  /** Writes units that all have a role; gives where they end, or -1. */
  #put(units: string, at: number, role: number): number {
    const bytes = this.#bytes;
    if (at + units.length > BYTES) return -1;
    let roles = role;
    for (let i = 0; i < units.length; i++) {
      const unit = units.charCodeAt(i);
      if (unit > 0x7f) return -1;
      roles &= ROLES[unit] as number;
      bytes[at + i] = unit;
    }
    return roles === 0 ? -1 : at + units.length;
  }

  #putCategories(categories: readonly string[], from: number): number {
    if (!Array.isArray(categories) || categories.length > LIMITS.CATEGORIES) return -1;
    let at = from;
    for (let i = 0; i < categories.length && at >= 0; i++) {
      const category = (categories as readonly string[])[i] as string;
      if (typeof category !== 'string' || category.length === 0 || category.length > LIMITS.ID) return -1;
      if (i > 0) {
        if (at === BYTES) return -1;
        this.#bytes[at++] = SEPARATOR;
      }
      at = this.#put(category, at, KEY);
    }
    return at;
  }
}

function isNumber(value: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= LIMITS.NUMBER;
}
