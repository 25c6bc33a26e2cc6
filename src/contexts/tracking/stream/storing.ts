import type { WriteEvents } from '../queue';
import type { TrackedEvent } from '../schemas';

export interface StoringDependencies {
  readonly write: WriteEvents;
  readonly makeDays: (events: readonly TrackedEvent[]) => Promise<readonly TrackedEvent[]>;
}

export interface Stored {
  /** How many had been there before. */
  readonly duplicates: number;
  /** What PostgreSQL takes under no circumstances. */
  readonly wrong: readonly { readonly event: TrackedEvent; readonly reason: string }[];
  /** How many had waited past the retention. */
  readonly expired: number;
}

/**
 * Stores a group so that nothing in it can stop it for ever. Where PostgreSQL refuses the data, the days of the events are made first: one
 * that waited for days may have none, which PostgreSQL calls a violated check. What it refuses then is found by halving. Throws
 * what says nothing about the data: the group is to be tried again.
 */
export async function storeGroup(
  events: readonly TrackedEvent[],
  { write, makeDays }: StoringDependencies,
): Promise<Stored> {
  if (events.length === 0) return { duplicates: 0, wrong: [], expired: 0 };
  try {
    return { duplicates: (await write(events)).size, wrong: [], expired: 0 };
  } catch (error) {
    if (!isOfData(error)) throw error;
  }
  const kept = await makeDays(events);
  const wrong: { event: TrackedEvent; reason: string }[] = [];
  const storePart = async (part: readonly TrackedEvent[]): Promise<number> => {
    const [event] = part;
    if (event === undefined) return 0;
    try {
      return (await write(part)).size;
    } catch (error) {
      if (!isOfData(error)) throw error;
      if (part.length === 1) {
        wrong.push({ event, reason: error.message });
        return 0;
      }
    }
    const half = Math.ceil(part.length / 2);
    return (await storePart(part.slice(0, half))) + (await storePart(part.slice(half)));
  };
  const duplicates = await storePart(kept);
  return { duplicates, wrong, expired: events.length - kept.length };
}

/** Data exceptions and violated constraints (SQLSTATE classes 22 and 23): the same events are refused again. */
const isOfData = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^2[23]...$/.test(String(error.code));
