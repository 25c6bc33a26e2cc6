import { randomUUID } from 'node:crypto';
import type { TrackedEvent } from '../../src/contexts/tracking/schemas';

export const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;
const products = Array.from({ length: 5_000 }, () => `prd_${randomUUID()}`);
const visitors = Array.from({ length: 50_000 }, () => `vis_${randomUUID()}`);
const QUERIES = ['red mug', 'tea', 'lantern', 'retrospot bag', 'cake tin', 'garden twine', 'wooden spoon', 'candle'];

let serial = 0;

/** A UUIDv7 of this moment, above all before it in this process. */
function nextId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const n = (serial++).toString(16).padStart(12, '0');
  return `evt_${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n}`;
}

/** By rising id, and copied: V8 reads fields of objects that were spread and added to five times as slowly. */
export const makeEvents = (count: number): TrackedEvent[] =>
  Array.from({ length: count }, (_, n) => ({ ...makeEvent(n, nextId(), pick(visitors)) }));

/** Of ten events: four views, two searches, two clicks, one each put into the basket or shown in an experiment. */
export function makeEvent(n: number, id: string, visitorId: string): TrackedEvent {
  const common = { id, visitorId, consent: true };
  const kind = n % 10;
  if (kind < 4) return { ...common, type: 'view', productId: pick(products), slot: 'search' };
  if (kind < 6) return { ...common, type: 'search', query: pick(QUERIES), results: 120 };
  if (kind < 8) return { ...common, type: 'click', productId: pick(products), query: pick(QUERIES), position: kind };
  if (kind < 9) return { ...common, type: 'add_to_cart', productId: pick(products), quantity: 1 };
  return { ...common, type: 'exposure', experiment: 'ranking', variant: 'b' };
}
