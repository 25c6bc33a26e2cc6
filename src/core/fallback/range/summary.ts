import type { NumberArray } from './table';

/** Four numbers a node: rows with a value, sum, min, max. */
export const VALID = 0;
export const SUM = 1;
export const MIN = 2;
export const MAX = 3;

export function clear(into: Float64Array, at: number): void {
  into[at + VALID] = 0;
  into[at + SUM] = 0;
  into[at + MIN] = Infinity;
  into[at + MAX] = -Infinity;
}

/** Adds the summaries of nodes begin..end one by one, in this order, which makes the bits of the sum. */
export function addNodes(into: Float64Array, at: number, from: Float64Array, begin: number, end: number): void {
  let valid = into[at + VALID] as number;
  let sum = into[at + SUM] as number;
  let min = into[at + MIN] as number;
  let max = into[at + MAX] as number;
  for (let i = begin * 4; i < end * 4; i += 4) {
    valid += from[i + VALID] as number;
    sum += from[i + SUM] as number;
    if ((from[i + MIN] as number) < min) min = from[i + MIN] as number;
    if ((from[i + MAX] as number) > max) max = from[i + MAX] as number;
  }
  into[at + VALID] = valid;
  into[at + SUM] = sum;
  into[at + MIN] = min;
  into[at + MAX] = max;
}

/** Takes the least and the greatest of nodes begin..end into account. */
export function widen(into: Float64Array, from: Float64Array, begin: number, end: number): void {
  let min = into[MIN] as number;
  let max = into[MAX] as number;
  for (let i = begin * 4; i < end * 4; i += 4) {
    if ((from[i + MIN] as number) < min) min = from[i + MIN] as number;
    if ((from[i + MAX] as number) > max) max = from[i + MAX] as number;
  }
  into[MIN] = min;
  into[MAX] = max;
}

/** `addNodes` after `widen`, to the first four of `into`. */
export function addSums(into: Float64Array, from: Float64Array, begin: number, end: number): void {
  let valid = into[VALID] as number;
  let sum = into[SUM] as number;
  for (let i = begin * 4; i < end * 4; i += 4) {
    valid += from[i + VALID] as number;
    sum += from[i + SUM] as number;
  }
  into[VALID] = valid;
  into[SUM] = sum;
}

/**
 * As in the native kernels, value i goes to lane i % 8 and the lanes are added in one order, so that sums are the same bits.
 * Lanes are variables where rows are many: the processor waits for an addition to the same one before it begins the next.
 */
const lanes = new Float64Array(8);

function addLanes(): number {
  const low = (lanes[0] as number) + (lanes[4] as number) + ((lanes[2] as number) + (lanes[6] as number));
  return low + ((lanes[1] as number) + (lanes[5] as number) + ((lanes[3] as number) + (lanes[7] as number)));
}

/** Adds the summary of values[begin..end) to `into`. */
export function summarise(
  values: NumberArray,
  begin: number,
  end: number,
  none: number,
  into: Float64Array,
  at: number,
): void {
  let valid = 0;
  let min = into[at + MIN] as number;
  let max = into[at + MAX] as number;
  lanes.fill(0);
  for (let i = begin; i < end; i++) {
    const value = values[i] as number;
    if (!(value < none)) continue;
    valid++;
    const lane = (i - begin) & 7;
    lanes[lane] = (lanes[lane] as number) + value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  into[at + VALID] = (into[at + VALID] as number) + valid;
  into[at + SUM] = (into[at + SUM] as number) + addLanes();
  into[at + MIN] = min;
  into[at + MAX] = max;
}

/**
 * The same for a part of a leaf, to the first four of `into`: `all` has the summary of its `count` rows at `at`. Only the sum needs a
 * look at the part, where all rows have a value and the least and the greatest of them are nothing new.
 */
export function addPart(
  into: Float64Array,
  values: NumberArray,
  begin: number,
  end: number,
  none: number,
  all: Float64Array,
  at: number,
  count: number,
): void {
  const known =
    all[at + VALID] === count &&
    (all[at + MIN] as number) >= (into[MIN] as number) &&
    (all[at + MAX] as number) <= (into[MAX] as number);
  if (!known) {
    summarise(values, begin, end, none, into, 0);
    return;
  }
  into[VALID] = (into[VALID] as number) + end - begin;
  into[SUM] = (into[SUM] as number) + sumOf(values, begin, end);
}

/** The sum that `summarise` would add, of rows that all have a value. */
function sumOf(values: NumberArray, begin: number, end: number): number {
  const whole = end - ((end - begin) & 7);
  if (values instanceof Float32Array) sumFloat32(values, begin, whole);
  else if (values instanceof Int32Array) sumInt32(values, begin, whole);
  else sumFloat64(values, begin, whole);
  for (let i = whole; i < end; i++) lanes[i - whole] = (lanes[i - whole] as number) + (values[i] as number);
  return addLanes();
}

// One loop a type: in a loop that sees several, V8 asks for the type of the array at every element, at twice the price.
function sumInt32(values: Int32Array, begin: number, end: number): void {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = begin; i < end; i += 8) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
    e += values[i + 4] as number;
    f += values[i + 5] as number;
    g += values[i + 6] as number;
    h += values[i + 7] as number;
  }
  setLanes(a, b, c, d, e, f, g, h);
}

function sumFloat32(values: Float32Array, begin: number, end: number): void {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = begin; i < end; i += 8) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
    e += values[i + 4] as number;
    f += values[i + 5] as number;
    g += values[i + 6] as number;
    h += values[i + 7] as number;
  }
  setLanes(a, b, c, d, e, f, g, h);
}

function sumFloat64(values: Float64Array, begin: number, end: number): void {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = begin; i < end; i += 8) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
    e += values[i + 4] as number;
    f += values[i + 5] as number;
    g += values[i + 6] as number;
    h += values[i + 7] as number;
  }
  setLanes(a, b, c, d, e, f, g, h);
}

function setLanes(a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): void {
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
  lanes[4] = e;
  lanes[5] = f;
  lanes[6] = g;
  lanes[7] = h;
}
