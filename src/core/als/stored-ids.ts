import { isUtf8 } from 'node:buffer';
import type { FixedIds } from './ids';
import { LIMITS } from './options';
import { nextTurn } from './reading';

/** Ids that are looked at between two turns of the event loop. */
const AT_ONCE = 1 << 15;

/** Places of the hash table of `count` ids: a power of two, at most half of them taken. */
export function slotsFor(count: number): number {
  let slots = 8;
  while (slots < 2 * count) slots *= 2;
  return slots;
}

/** FNV-1a with a finish, so that the low bits depend on all. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

/** Puts the number of an id into the first free place from its hash on: 0 is free, else number + 1. */
export function placeId(slots: Uint32Array, hash: number, number: number): void {
  const mask = slots.length - 1;
  let at = hash & mask;
  while (slots[at] !== 0) at = (at + 1) & mask;
  slots[at] = number + 1;
}

/** Each UTF-16 unit of an id is at most three bytes of UTF-8. */
const wanted = Buffer.alloc(3 * LIMITS.ID);

/**
 * Ids as they stand in a file: their bytes one behind the other, where each ends, and a hash table. Nothing is decoded before it is
 * asked for, so that a million ids cost no time at loading.
 */
export class StoredIds implements FixedIds {
  /** Those that somebody asked for. */
  readonly #met = new Map<string, number>();

  private constructor(
    private readonly ends: Uint32Array,
    private readonly bytes: Buffer,
    private readonly slots: Uint32Array,
  ) {}

  /**
   * Rejects with a RangeError for what `save` would not write, so far as it matters: a table that lies finds less, and harms nothing.
   * The event loop turns between looks at some of them.
   */
  static async check(ends: Uint32Array, bytes: Buffer, slots: Uint32Array): Promise<StoredIds> {
    let [from, before] = [0, 0];
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i] as number;
      if (end <= before) throw new RangeError('Ids do not ascend');
      before = end;
      if (i % AT_ONCE !== AT_ONCE - 1 && i !== ends.length - 1) continue;
      if (before > bytes.length || !isUtf8(bytes.subarray(from, before)))
        throw new RangeError('Ids do not fit into their place, or are not UTF-8');
      from = before;
      await nextTurn();
    }
    if (before !== bytes.length) throw new RangeError('Ids do not fill their place');
    return new StoredIds(ends, bytes, slots);
  }

  get size(): number {
    return this.ends.length;
  }

  nameOf(number: number): string {
    const from = number === 0 ? 0 : (this.ends[number - 1] as number);
    return this.bytes.toString('utf8', from, this.ends[number]);
  }

  numberOf(id: string): number | undefined {
    const met = this.#met.get(id);
    if (met !== undefined) return met;
    const number = this.#find(id);
    if (number !== undefined) this.#met.set(id, number);
    return number;
  }

  #find(id: string): number | undefined {
    // Only the beginning of a longer one would fit: no model has any.
    if (id.length > LIMITS.ID) return undefined;
    const length = wanted.write(id);
    const { slots, ends, bytes } = this;
    const mask = slots.length - 1;
    let at = hashOf(wanted, 0, length) & mask;
    for (let probes = 0; probes < slots.length; probes++, at = (at + 1) & mask) {
      const number = (slots[at] as number) - 1;
      if (number < 0) return undefined;
      const end = ends[number];
      if (end === undefined) continue;
      const from = number === 0 ? 0 : (ends[number - 1] as number);
      if (end - from === length && wanted.compare(bytes, from, end, 0, length) === 0) return number;
    }
    return undefined;
  }
}
