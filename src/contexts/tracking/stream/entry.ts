import { EVENT_TYPES } from '../rules';
import type { TrackedEvent } from '../schemas';

/** The group that brings events to PostgreSQL. */
export const GROUP = 'writers';

/** Names in Redis. */
export interface StreamKeys {
  readonly stream: string;
  /** How many events wait in it. */
  readonly waiting: string;
  /** A stream: what could not be stored. */
  readonly aside: string;
}

/** The database is in the names: two shops that share a prefix by mistake do not write each other's events. */
export function streamKeysOf(prefix: string, database: string): StreamKeys {
  const stream = `${prefix}:tracking:${database}`;
  return { stream, waiting: `${stream}:waiting`, aside: `${stream}:aside` };
}

/** An entry as it comes from Redis. Without fields where it is gone from the stream. */
export type RawEntry = readonly [id: string, fields: readonly string[] | null];

export interface Entry {
  readonly id: string;
  /** How many events were counted when it was added. */
  readonly counted: number;
  /** Undefined where it holds none: whoever may write to Redis can put anything there. */
  readonly events: readonly TrackedEvent[] | undefined;
  readonly fields: readonly string[];
}

/** Reads an entry. One that is gone has no events, and is no mistake. */
export function toEntry([id, fields]: RawEntry): Entry {
  if (fields === null) return { id, counted: 0, events: [], fields: [] };
  const [first, counted = '', second, text = ''] = fields;
  const events = first === 'n' && second === 'events' && /^\d{1,9}$/.test(counted) ? parse(text) : undefined;
  return { id, counted: events ? Number(counted) : 0, events, fields };
}

function parse(text: string): TrackedEvent[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isEvent) ? value : undefined;
  } catch {
    return undefined; // said by the undefined: the entry is put aside
  }
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const idOf = (prefix: string): ((value: unknown) => boolean) => {
  const shape = new RegExp(`^${prefix}_${UUID}$`);
  return (value) => typeof value === 'string' && shape.test(value);
};
const text = (value: unknown): boolean => typeof value === 'string';
const number = (value: unknown): boolean => Number.isInteger(value) && (value as number) === ((value as number) | 0);

const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...{ id: idOf('evt'), visitorId: idOf('vis'), productId: idOf('prd'), orderId: idOf('ord') },
  ...{ results: number, position: number, quantity: number },
  ...{ query: text, slot: text, experiment: text, variant: text },
  consent: (value) => value === true,
  type: (value) => (EVENT_TYPES as readonly unknown[]).includes(value),
};

/**
 * Whether it can be given to a writer, which looks at nothing and would store something else. It was checked at the door with all
 * rules: this is for what did not come through it.
 */
function isEvent(value: unknown): value is TrackedEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Record<string, unknown>;
  for (const name of ['id', 'type', 'visitorId', 'consent']) if (!(name in event)) return false;
  for (const name in event) if (!FIELDS[name]?.(event[name])) return false;
  return true;
}
