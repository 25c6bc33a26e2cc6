import { histogramOf } from '../../src/contexts/search/results/price-ladder';
import type { Asked } from './data';

/** Who answers questions about the products of a shop: as JSON text, as it would be sent. */
export interface Contender {
  ask(asked: Asked): string;
  /** Makes whatever is kept of answers to texts worthless, as a change of any product does. */
  forget?(): void;
  close(): void;
}

/** What an answer says, in one form for all: so that two answers are the same when their JSON is. */
export interface Page {
  readonly total: number;
  /** Numbers of the products. */
  readonly ids: readonly number[];
  readonly brand: readonly (readonly [string, number])[];
  readonly category: readonly (readonly [string, number])[];
  readonly inStock: readonly [boolean, number][];
  readonly price: { readonly edges: readonly number[]; readonly counts: readonly number[] };
}

export const PAGE = 24;
const MOST_BRANDS = 50;
const MOST_CATEGORIES = 200;

/** Counts by brand, by department and aisle, by stock and by step of the price ladder. */
export interface Tallies {
  readonly brands: Map<number, number>;
  readonly aisles: Map<string, number>;
  readonly stock: Map<number, number>;
  readonly steps: number[];
}

/** A page from counts: departments have what their aisles have, greatest counts first. */
export function pageOf(total: number, ids: readonly number[], tallies: Tallies, chosen: Asked): Page {
  const places = new Map(tallies.aisles);
  for (const [path, count] of tallies.aisles) {
    const department = path.slice(0, path.indexOf('/'));
    places.set(department, (places.get(department) ?? 0) + count);
  }
  const brands = Array.from(tallies.brands, ([brand, count]) => [`Brand ${brand}`, count] as const);
  const asked = new Set([chosen.brand ?? []].flat());
  return {
    total,
    ids,
    brand: mostFirst(brands).filter(([name], place) => place < MOST_BRANDS || asked.has(name)),
    category: mostFirst([...places]).slice(0, MOST_CATEGORIES),
    inStock: [
      [true, tallies.stock.get(1) ?? 0],
      [false, tallies.stock.get(0) ?? 0],
    ],
    price: histogramOf(tallies.steps),
  };
}

function mostFirst(counts: (readonly [string, number])[]): (readonly [string, number])[] {
  return counts.filter(([, count]) => count > 0).sort(([a, many], [b, others]) => others - many || (a < b ? -1 : 1));
}
