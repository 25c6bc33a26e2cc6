import { Easy11Error } from '../errors';
import { show } from '../show';
import { LIMITS } from './numbers';
import { atRow } from './row-errors';
import type { NumberType } from './types';

const { INT32, NUMBER } = LIMITS;
const bits = new DataView(new ArrayBuffer(8));

/** A number attribute of a schema, and how its values and bounds are read. */
export class NumberColumn {
  readonly kind = 'number';

  constructor(
    readonly name: string,
    readonly index: number,
    readonly type: NumberType,
    readonly hasTree: boolean,
    /** Its place among the scores, or -1. */
    readonly score: number,
  ) {}

  /** A value as engines store it: NaN for none, -0 as 0. Throws ERR_EASY11_INVALID_VALUE. */
  read(value: unknown): number {
    if (value === null || value === undefined) return NaN;
    const { type } = this;
    const most = type === 'int32' ? INT32 : NUMBER;
    if (typeof value !== 'number' || !(Math.abs(value) <= most) || (type === 'int32' && !Number.isInteger(value))) {
      const what = type === 'int32' ? 'an integer within ±2,147,483,646' : 'a finite number within ±2^53';
      throw new Easy11Error(
        'ERR_EASY11_INVALID_VALUE',
        `${this.name} must be ${what}, or null for none, not ${show(value)}`,
      );
    }
    return (type === 'float32' ? Math.fround(value) : value) + 0;
  }

  /** The values of rows begin..end. Throws ERR_EASY11_INVALID_VALUE with the first row that is not acceptable. */
  readInto(into: Float64Array, values: ArrayLike<unknown>, begin: number, end: number): void {
    let row = begin;
    try {
      for (; row < end; row++) into[row] = this.read(values[row]);
    } catch (error) {
      throw atRow(row, this.name, error);
    }
  }

  /** The least and the greatest value of the type that lie within a bound. */
  leastWithin(bound: number): number {
    if (this.type === 'int32') return Math.max(-(2 ** 31), Math.ceil(bound));
    return this.type === 'float32' ? Math.fround(bound) : bound;
  }
  greatestWithin(bound: number): number {
    if (this.type === 'int32') return Math.min(INT32, Math.floor(bound));
    return Math.min(Number.MAX_VALUE, this.type === 'float32' ? Math.fround(bound) : bound);
  }

  /** The greatest number of the type below `value`. */
  below(value: number): number {
    const { type } = this;
    if (type === 'int32') return Math.ceil(value) - 1;
    const stored = type === 'float32' ? Math.fround(value) : value;
    if (stored === -Infinity) return stored;
    if (type === 'float32') {
      if (stored === 0) return -(2 ** -149);
      bits.setFloat32(0, stored);
      bits.setInt32(0, bits.getInt32(0) + (stored > 0 ? -1 : 1));
      return bits.getFloat32(0);
    }
    if (stored === 0) return -Number.MIN_VALUE;
    bits.setFloat64(0, stored);
    bits.setBigInt64(0, bits.getBigInt64(0) + (stored > 0 ? -1n : 1n));
    return bits.getFloat64(0);
  }
}
