import { NAMED_AT, type Scratch } from '../../range/engine';
import type { Bins, Counting } from './counting';
import type { Filter } from './filter';
import type { Table } from './table';

/** What is counted, and the condition that does not count for it (-1: all do). */
type Counted = { readonly left: number } & (
  | { readonly kind: 'facet'; readonly facet: number; readonly size: number; readonly base: number }
  | ({ readonly kind: 'bins' } & Bins)
);

/** A page: counts of facets and of bins, each with one of the conditions left out if need be. As native/src/range/page.cpp. */
export function countPage(
  table: Table,
  filter: Filter,
  counting: Counting,
  scratch: Scratch,
  { conditions, facets, histograms, most }: { conditions: number; facets: number; histograms: number; most: number },
): number {
  // First: what follows writes where its codes are.
  filter.read(conditions, scratch);
  const all = readCounted(table, scratch, facets, histograms);
  let wanted = all.filter((one) => !takeNodes(filter, counting, one));
  const twice = planTwice(filter, wanted);
  if (twice >= 0) {
    filter.drive(undefined, [], twice);
    const own = wanted.filter(({ left }) => left === twice);
    filter.scan((_, found) => {
      for (const one of own) add(counting, one, filter.slots, found);
    });
    wanted = wanted.filter(({ left }) => left !== twice);
  }
  const barred = barredOf(wanted);
  filter.drive(undefined, barred);
  if (wanted.length === 0 && filter.others.length === 0 && filter.rows > most) return filter.rows;
  return countAll(filter, counting, wanted, barred, scratch.ids, most);
}

function countAll(
  filter: Filter,
  counting: Counting,
  wanted: readonly Counted[],
  barred: readonly number[],
  ids: Uint32Array,
  most: number,
): number {
  const apart = new Uint32Array(filter.near.length);
  let rows = 0;
  filter.scanApart(barred, (found, near) => {
    if (rows + found <= most)
      for (let i = 0; i < found; i++) ids[NAMED_AT + rows + i] = filter.idAt(filter.slots[i] as number);
    rows += found;
    for (const one of wanted) add(counting, one, filter.slots, found);
    for (let at = 0; at < barred.length && near > 0; at++) {
      let size = 0;
      for (let i = 0; i < near; i++) if (filter.nearAt[i] === at) apart[size++] = filter.near[i] as number;
      for (const one of wanted) if (one.left === barred[at]) add(counting, one, apart, size);
    }
  });
  if (rows <= most) ids.subarray(NAMED_AT, NAMED_AT + rows).sort();
  return rows;
}

/** What is wanted, as `counts` and `values` tell; wipes their counts, and tells in `ids` how many each facet has. */
function readCounted(table: Table, { counts, ids }: Scratch, facets: number, histograms: number): Counted[] {
  const all: Counted[] = [];
  let [given, base, edgesAt] = [0, 0, 0];
  table.facetSizes.forEach((size, facet) => {
    if (((facets >>> facet) & 1) === 0) return;
    all.push({ kind: 'facet', facet, size, base, left: (counts[given] as number) - 1 });
    ids[given++] = size;
    base += size;
  });
  for (let i = 0; i < histograms; i++, given += 3) {
    const [number = 0, bins = 0, place = 0] = counts.subarray(given, given + 3);
    all.push({ kind: 'bins', number, bins, edgesAt, base, left: place - 1 });
    base += bins;
    edgesAt += bins + 1;
  }
  counts.fill(0, 0, base);
  return all;
}

/** What one range tells needs no look at its rows; the rest shares a pass. */
function takeNodes(filter: Filter, counting: Counting, one: Counted): boolean {
  filter.drive(undefined, [], one.left);
  if (!filter.single) return false;
  if (one.kind === 'facet') counting.codesOfNodes(one.facet, one.base);
  else if (filter.tree.number === one.number) counting.binsOfNodes(one);
  else return false;
  return true;
}

const barredOf = (wanted: readonly Counted[]): number[] => [
  ...new Set(wanted.map(({ left }) => left).filter((left) => left >= 0)),
];

/**
 * The condition without which something is counted in a pass of its own, or -1: the one that would drive, where that pass and
 * the other have fewer rows to go through than one that it cannot drive.
 */
function planTwice(filter: Filter, wanted: readonly Counted[]): number {
  const barred = barredOf(wanted);
  filter.drive();
  const { driver } = filter;
  if (!barred.includes(driver)) return -1;
  let twice = filter.rows;
  filter.drive(undefined, barred);
  const once = filter.rows;
  filter.drive(undefined, [], driver);
  twice += filter.rows;
  return twice < once ? driver : -1;
}

function add(counting: Counting, one: Counted, slots: Uint32Array, found: number): void {
  if (one.kind === 'facet') counting.codes(one.facet, slots, found, one.base);
  else counting.bins(one, slots, found);
}
