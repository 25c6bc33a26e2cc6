import type { Steps } from './steps';

export type Compare = (a: number, b: number) => number;

const SHORT_RUN = 16;
const STEP = 1024;

interface Merge {
  left: number;
  middle: number;
  right: number;
  end: number;
  out: number;
}

/** How far the ascending run goes on from `end`, looking at `STEP` items at most. */
function extendRun(items: Uint32Array, end: number, compare: Compare): number {
  const stop = Math.min(items.length, end + STEP);
  while (end < stop && compare(items[end - 1] as number, items[end] as number) <= 0) end++;
  return end;
}

/** Makes the run `from..end` at least `SHORT_RUN` long by inserting what follows; returns its end. */
function lengthenRun(items: Uint32Array, from: number, end: number, compare: Compare): number {
  const least = Math.min(from + SHORT_RUN, items.length);
  for (; end < least; end++) {
    const item = items[end] as number;
    let hole = end;
    while (hole > from && compare(items[hole - 1] as number, item) > 0) {
      items[hole] = items[hole - 1] as number;
      hole--;
    }
    items[hole] = item;
  }
  return end;
}

/** Takes a merge up to `count` items further; returns whether it is finished. */
function mergeSome(from: Uint32Array, to: Uint32Array, merge: Merge, compare: Compare, count: number): boolean {
  let { left, right, out } = merge;
  const stop = Math.min(merge.end, out + count);
  while (out < stop && left < merge.middle && right < merge.end) {
    const a = from[left] as number;
    const b = from[right] as number;
    if (compare(a, b) <= 0) {
      to[out++] = a;
      left++;
    } else {
      to[out++] = b;
      right++;
    }
  }
  if (left === merge.middle || right === merge.end) {
    to.set(from.subarray(left, merge.middle), out);
    out += merge.middle - left;
    to.set(from.subarray(right, merge.end), out);
    return true;
  }
  merge.left = left;
  merge.right = right;
  merge.out = out;
  return false;
}

/**
 * Sorts `items` by a natural merge sort (Knuth, TAOCP 3, 5.2.4) in steps: input that consists of a few sorted runs, as when
 * segments are merged, costs a few linear passes. Returns the sorted array, which may or may not be `items`.
 */
export function* sortSteps(items: Uint32Array, compare: Compare): Steps<Uint32Array> {
  let ends: number[] = [];
  for (let from = 0, next = STEP; from < items.length;) {
    let end = from + 1;
    for (let before = -1; end !== before && end < items.length;) {
      before = end;
      end = extendRun(items, end, compare);
      if (end >= next) {
        next = end + STEP;
        yield;
      }
    }
    from = lengthenRun(items, from, end, compare);
    ends.push(from);
  }
  let from = items;
  let to = ends.length > 1 ? new Uint32Array(items.length) : items;
  while (ends.length > 1) {
    const merged: number[] = [];
    let start = 0;
    for (let i = 0, next = STEP; i < ends.length; i += 2) {
      const middle = ends[i] as number;
      const end = ends[i + 1] ?? middle;
      const merge: Merge = { left: start, middle, right: middle, end, out: start };
      while (!mergeSome(from, to, merge, compare, STEP)) yield;
      merged.push(end);
      start = end;
      if (end >= next) {
        next = end + STEP;
        yield;
      }
    }
    ends = merged;
    [from, to] = [to, from];
  }
  return from;
}
