import type { Redis } from 'ioredis';
import type { CloudEvent } from '../../outbox';

/** Entries of streams, as they come from Redis. */
export type RawEntry = readonly [id: string, fields: readonly string[]];

export interface Entry {
  /** Its id in the stream: `<position>-0`. */
  readonly id: string;
  readonly text: string;
  /** Undefined where the text is none: whoever may write to Redis can put anything there. */
  readonly event: CloudEvent | undefined;
}

export function fieldOf(fields: readonly string[], name: string): string {
  const at = fields.indexOf(name);
  return at < 0 ? '' : (fields[at + 1] ?? '');
}

export function toEntry([id, fields]: RawEntry): Entry {
  const text = fieldOf(fields, 'event');
  return { id, text, event: parseEvent(text) };
}

/** Reads an event; undefined for what is no JSON, or lacks what a reader goes by. */
export function parseEvent(text: string): CloudEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // said by the undefined: the entry becomes a dead letter
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, type, partitionkey, sequence } = value as Record<string, unknown>;
  const named = [id, type, partitionkey].every((part) => typeof part === 'string' && part !== '');
  return named && typeof sequence === 'string' && /^\d{1,15}$/.test(sequence) ? (value as CloudEvent) : undefined;
}

const PAGE = 100;

/** The dead letters of a group in a stream, the oldest first, read page by page: several groups may share one. */
export async function* lettersOf(redis: Redis, dead: string, group: string): AsyncIterable<RawEntry> {
  for (let from = '-'; ;) {
    const page = await redis.xrange(dead, from, '+', 'COUNT', PAGE);
    for (const raw of page) if (fieldOf(raw[1], 'group') === group) yield raw;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = `(${last[0]}`;
  }
}
