import { Easy11Error } from '../errors';
import { show } from '../show';
import type { NumberType } from './types';

export const LIMITS = {
  ID: 2 ** 27 - 1,
  RESULTS: 1_000,
  FACET_VALUES: 16_384,
  TEXT: 1_024,
  NUMBER: 2 ** 53,
  INT32: 2 ** 31 - 2,
} as const;

const bits = new DataView(new ArrayBuffer(8));

/** A value as engines store it: NaN for none, -0 as 0. Throws ERR_EASY11_INVALID_VALUE. */
export function toNumber(value: unknown, type: NumberType, name: string): number {
  if (value === null || value === undefined) return NaN;
  const most = type === 'int32' ? LIMITS.INT32 : LIMITS.NUMBER;
  if (typeof value !== 'number' || !(Math.abs(value) <= most) || (type === 'int32' && !Number.isInteger(value))) {
    const what = type === 'int32' ? 'an integer within ±2,147,483,646' : 'a finite number within ±2^53';
    throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `${name} must be ${what}, or null for none, not ${show(value)}`);
  }
  return (type === 'float32' ? Math.fround(value) : value) + 0;
}

/** The least and the greatest value of a type that lie within a bound. */
export function leastWithin(bound: number, type: NumberType): number {
  if (type === 'int32') return Math.max(-(2 ** 31), Math.ceil(bound));
  return type === 'float32' ? Math.fround(bound) : bound;
}
export function greatestWithin(bound: number, type: NumberType): number {
  if (type === 'int32') return Math.min(LIMITS.INT32, Math.floor(bound));
  return Math.min(Number.MAX_VALUE, type === 'float32' ? Math.fround(bound) : bound);
}

/** The greatest number of the type below `value`. */
export function below(value: number, type: NumberType): number {
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

/** Throws ERR_EASY11_INVALID_ID. */
export function checkRowId(id: unknown): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= LIMITS.ID) return id;
  throw new Easy11Error(
    'ERR_EASY11_INVALID_ID',
    `A row's id must be an integer from 0 to ${LIMITS.ID}, not ${show(id)}`,
  );
}

/** Throws ERR_EASY11_INVALID_LIMIT. */
export function checkCount(value: unknown, name: string, most: number = LIMITS.RESULTS): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Easy11Error('ERR_EASY11_INVALID_LIMIT', `${name} must be an integer from 1 to ${most}, not ${show(value)}`);
}
