import { ask } from '../api/client';
import { consent } from './consent';
import { BrowserEventStore } from './event-store';
import type { Happening, ShopEvent } from './happenings';
import { ShopEventQueue } from './queue';
import { newEventId, purchaseEventId } from './uuid';
import { forgetVisitor, visitorId } from './visitor';

const ADDRESS = '/v1/events:batch';
/** What may be typed into the search box; an address can hold more. */
const LONGEST_QUERY = 200;

async function send(events: readonly ShopEvent[]): Promise<void> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, keepalive: true };
  await ask(ADDRESS, { ...init, body: JSON.stringify({ events }) });
}

const queue = new ShopEventQueue({
  store: new BrowserEventStore(() => localStorage),
  allowed: () => consent.read() === 'granted',
  send,
  // A string goes as text/plain, which the shop reads as JSON lines.
  beacon: (lines) => navigator.sendBeacon(ADDRESS, lines),
  later: (milliseconds, task) => void setTimeout(task, milliseconds),
  random: Math.random,
});

/** Begins to bring events to the shop, for as long as the page is there. */
export function startTracking(): void {
  const refused = (): void => {
    if (consent.read() === 'granted') return;
    queue.drop();
    forgetVisitor();
  };
  refused(); // in a window that was closed then
  consent.subscribe(refused);
  queue.start();
  // A phone may end a page that is out of sight without another word.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') queue.leave();
  });
  window.addEventListener('pagehide', () => queue.leave());
}

function track(happening: Happening, id = newEventId(Date.now())): void {
  const visitor = visitorId();
  if (visitor !== undefined) queue.add({ ...happening, id, visitorId: visitor, consent: true });
}

/** The product that was clicked last, and where: what is done on its page was begun there. */
let followed: { readonly productId: string; readonly slot: string } | undefined;
const cameFrom = (productId: string): { slot?: string } =>
  followed?.productId === productId ? { slot: followed.slot } : {};

/** A place in the shop that products are chosen from. */
export interface Place {
  readonly slot: string;
  /** What was asked for, where that led to these products. */
  readonly query?: string | undefined;
}

/** A product was chosen, at a place from 0. */
export function clicked(productId: string, { slot, query }: Place, position: number): void {
  followed = { productId, slot };
  const words = query?.trim().slice(0, LONGEST_QUERY);
  track({ type: 'click', productId, slot, position, ...(words ? { query: words } : {}) });
}

export const viewed = (productId: string): void => track({ type: 'view', productId, ...cameFrom(productId) });

let searched: string | undefined;

/** Results are shown. The same words one after the other are one search: with another filter, or when coming back to it. */
export function searchedFor(text: string, results: number): void {
  const query = text.trim().slice(0, LONGEST_QUERY);
  if (query === '' || query === searched) return;
  searched = query;
  track({ type: 'search', query, results });
}

export const addedToCart = (productId: string, quantity = 1): void =>
  track({ type: 'add_to_cart', productId, quantity, ...cameFrom(productId) });

/** Tells of an order once, however often and in however many windows this is called. */
export function purchased(
  orderId: string,
  lines: readonly { readonly productId: string; readonly quantity: number }[],
): void {
  for (const line of lines) track({ type: 'purchase', orderId, ...line }, purchaseEventId(orderId, line.productId));
}

const exposures = new Set<string>();

/** The shopper sees a variant of an experiment: told once a page load for each. */
export function exposed(experiment: string, variant: string): void {
  const visitor = visitorId();
  const key = `${visitor}/${experiment}/${variant}`;
  if (visitor === undefined || exposures.has(key)) return;
  exposures.add(key);
  track({ type: 'exposure', experiment, variant });
}
