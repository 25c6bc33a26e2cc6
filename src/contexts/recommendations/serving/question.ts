import type { ProductTable } from '../product-table';
import { decay } from '../rules';
import type { RecommendationQuery, Slot } from '../schemas';
import type { RecommendationSettings } from '../settings';
import type { InteractionKind } from '../types';

/** Something that was done with a product, by its row. */
export interface Deed {
  readonly row: number;
  readonly kind: InteractionKind;
  readonly at: number;
  readonly weight: number;
}

/** Who asks, about what: everything by row, the products that the catalogue does not have left out. */
export interface Question {
  readonly slot: Slot;
  readonly limit: number;
  /** The product that is looked at, or what is in the cart. */
  readonly context: readonly number[];
  /** What was done of late, the newest first. */
  readonly deeds: readonly Deed[];
  /** Not shown at all: the context, and what was bought not long ago. */
  readonly excluded: ReadonlySet<number>;
}

/** What is known of somebody, before rows. */
export interface Known {
  readonly events: readonly { readonly productId: string; readonly kind: InteractionKind; readonly at: number }[];
  /** What a customer did before the model was trained, weights as it has them. */
  readonly before: readonly { readonly productId: string; readonly weight: number }[];
  /** What a customer bought of late, also what the model has learnt from: it says no more when that was. */
  readonly bought: readonly { readonly sku: string; readonly at: number }[];
  /** What was bought up to this moment is in `before`. */
  readonly learntUntil: number;
}

const DAY_MS = 86_400_000;

/** Turns a query and what is known of who asks into rows and weights. */
export function questionOf(
  query: RecommendationQuery,
  known: Known,
  table: ProductTable,
  settings: RecommendationSettings,
  now: number,
): Question {
  const halfLife = settings.sessionHalfLifeHours * 3_600_000;
  const deeds: Deed[] = [];
  const add = (row: number | undefined, kind: InteractionKind, at: number, weight: number): void => {
    if (row !== undefined && weight > 0) deeds.push({ row, kind, at, weight });
  };
  for (const { productId, kind, at } of known.events)
    add(table.rowOf(productId), kind, at, settings.events[kind] * decay(now - at, halfLife));
  for (const { sku, at } of known.bought)
    if (at > known.learntUntil)
      add(table.rowOfSku(sku), 'purchase', at, settings.events.purchase * decay(now - at, halfLife));
  for (const { productId, weight } of known.before) add(table.rowOf(productId), 'purchase', 0, weight);
  deeds.sort((a, b) => b.at - a.at);
  const ids = [...(query.product === undefined ? [] : [query.product]), ...(query.products ?? [])];
  const context = [...new Set(ids)].map((id) => table.rowOf(id)).filter((row) => row !== undefined);
  const excluded = new Set(context);
  const exclude = (row: number | undefined, at: number): void => {
    if (row !== undefined && now - at < settings.boughtDays * DAY_MS) excluded.add(row);
  };
  for (const { row, kind, at } of deeds) if (kind === 'purchase') exclude(row, at);
  for (const { sku, at } of known.bought) exclude(table.rowOfSku(sku), at);
  return { slot: query.slot, limit: query.limit, context, deeds, excluded };
}

/** In the slots of a product and of a cart, what somebody did before only colours the answer. */
const COLOUR = 0.25;
const CONTEXT_WEIGHT = 4;

/** The history that is folded into the model: what is in view, and what was done before. */
export function tasteOf({ slot, context, deeds }: Question): Map<number, number> {
  const taste = new Map<number, number>();
  const add = (row: number, weight: number): void => void taste.set(row, (taste.get(row) ?? 0) + weight);
  const coloured = slot !== 'home' && context.length > 0;
  for (const { row, weight } of deeds) add(row, coloured ? weight * COLOUR : weight);
  for (const row of context) add(row, CONTEXT_WEIGHT);
  return taste;
}

/** Alike to which products: those in view, else the last three that something was done with. */
export function anchorsOf({ context, deeds }: Question): number[] {
  if (context.length > 0) return context.slice(-5);
  return [...new Set(deeds.map(({ row }) => row))].slice(0, 3);
}
