/** Pure decisions of tracking: no I/O, clock or randomness. */

export const EVENT_TYPES = ['view', 'search', 'click', 'add_to_cart', 'purchase', 'exposure'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** So long a silence of a visitor ends the session. */
export const SESSION_SILENCE_MS = 30 * 60_000;

/** How much more an event says about a product than a click. A first guess, not learnt from anybody's sales. */
export const DEMAND_WEIGHTS: Readonly<Partial<Record<EventType, number>>> = { click: 1, add_to_cart: 4, purchase: 10 };

/** How late an event may come, and how far a visitor's clock may be ahead of ours. */
export const LATEST_MS = 2 * DAY_MS;
const AHEAD_MS = HOUR_MS;

/** The moment in a UUIDv7 (RFC 9562): milliseconds since the epoch. */
export const timeOf = (uuid: string): number => parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);

/** What is wrong with an event's time, to be read after the name of its field; undefined when nothing is. */
export function wrongTime(at: number, now: number): string | undefined {
  if (at < now - LATEST_MS) return `is of ${isoOf(at)}: events are taken for ${LATEST_MS / HOUR_MS} hours`;
  if (at > now + AHEAD_MS) return `is of ${isoOf(at)}, which is yet to come`;
  return undefined;
}

/** An id can name a year that no Date has. */
const isoOf = (at: number): string => (at <= 8.64e15 ? new Date(at).toISOString() : 'a far future');

/**
 * Programs that say of themselves that nobody looks at their pages: crawlers, link previews, page testers, browsers without a
 * window. Only what declares itself; a program that pretends to be a browser is left to the rate. (Cubot is a telephone.)
 */
const BOTS =
  /(?<!cu)bot\b|crawl|spider|slurp|archiver|facebookexternalhit|whatsapp|embedly|preview|headless|phantomjs|lighthouse|pagespeed|pingdom|uptime/i;

export const isBot = (userAgent: string | undefined): boolean => userAgent !== undefined && BOTS.test(userAgent);

const LONGEST_QUERY = 100;
const EMAIL = /[^\s@<>()]+@[^\s@<>()]+/g;
/** A telephone or card number: nine or more digits, however they are grouped. */
const NUMBER = /\+?\d(?:[ ().-]{0,2}\d){8,}/g;

/**
 * What was typed, alike however it was typed: NFKC, lower case, one line, single spaces, at most 100 characters. What looks like
 * an e-mail address or a long number is taken out: people paste into search boxes.
 */
export function normaliseQuery(text: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]+/gu, ' ')
    .replace(EMAIL, ' ')
    .replace(NUMBER, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...plain].slice(0, LONGEST_QUERY).join('').trim();
}

/** A day of the calendar in UTC, and the ids that fall into it: from the first, up to the second without it. */
export interface Day {
  /** `20261126`. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export function dayOf(at: number): Day {
  const start = Math.floor(at / DAY_MS) * DAY_MS;
  return {
    name: new Date(start).toISOString().slice(0, 10).replaceAll('-', ''),
    from: leastId(start),
    to: leastId(start + DAY_MS),
  };
}

/** The ids of a day by its name: from the first, up to the second without it. */
export function idsOf(name: string): [from: string, to: string] {
  const { from, to } = dayOf(Date.parse(`${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6)}`));
  return [from, to];
}

/** The least id of an event that happens at a moment, in milliseconds since the epoch: ids sort by time. */
export function leastId(at: number): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The days that must have a place to write to: from the latest event that is taken, to so many days from now. */
export function daysToKeepReady(now: number, daysAhead = 3): Day[] {
  const days = Math.ceil(LATEST_MS / DAY_MS) + daysAhead;
  return Array.from({ length: days + 1 }, (_, n) => dayOf(now + (n - days + daysAhead) * DAY_MS));
}

/** The newest day that is over by so many days, by its name. */
export const lastDayToDrop = (now: number, retentionDays: number): string =>
  dayOf(now - (retentionDays + 1) * DAY_MS).name;

/** What a product's popularity becomes, and what of it is the merchant's own. */
export interface Shown {
  readonly base: number;
  readonly shown: number;
}

/**
 * Popularity is what the merchant gave plus the demand. Whoever changed it since we last did has given a new base. Rounded to
 * thousandths.
 */
export function popularityWith(demand: number, present: number, before: Shown | undefined): Shown {
  const base = before !== undefined && before.shown === present ? before.base : present;
  return { base, shown: Math.round((base + demand) * 1000) / 1000 };
}
