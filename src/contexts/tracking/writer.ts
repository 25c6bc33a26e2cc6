import { withRetries, type Database } from '../../platform/database';
import type { TrackedEvent } from './schemas';
import { SeenIds } from './seen-ids';
import { CopyUnavailable, EventCopy } from './store/copy';
import { insertEvents } from './store/events';

/** Fewer events than this are written by the statement: a round trip is most of their cost either way. */
const COPIED_FROM = 256;
/** So many writes after a copy that was refused, or could not be begun, are left to the statement: that seldom comes alone. */
const CAUTIOUS_FOR = 20;
const UNIQUE_VIOLATION = '23505';

/** What became of the writes of this process. */
export interface WriterCounts {
  copied: number;
  inserted: number;
  /** Copies that PostgreSQL refused because an event was there before, or that had no connection: the statement wrote them. */
  refused: number;
}

/**
 * Brings events to the disk: those that this process has not seen with COPY, which takes two fifths less of PostgreSQL's time and
 * refuses all where one was there before; those that it has, and all where a copy was refused or had no connection, with a statement
 * that leaves out what was there. Either way an event is stored once.
 */
export class EventWriter {
  readonly #seen = new SeenIds();
  readonly #copy: EventCopy;
  #cautious = 0;

  /** The counts may be shared with another writer. */
  constructor(
    private readonly database: Pick<Database, 'pool' | 'url'>,
    readonly counts: WriterCounts = { copied: 0, inserted: 0, refused: 0 },
  ) {
    this.#copy = new EventCopy(database.url);
  }

  /**
   * Stores events, each id once and by rising id, and resolves when they are durable to the ids that were there before. One write at
   * a time. Rejects with what the database says; then some may be stored, and all may be sent again.
   */
  async write(events: readonly TrackedEvent[]): Promise<ReadonlySet<string>> {
    const [again, fresh]: [TrackedEvent[], TrackedEvent[]] = [[], []];
    for (const event of events) (this.#seen.has(event.id) ? again : fresh).push(event);
    const repeated = again.length === 0 ? [] : [...(await this.#insert(again))];
    const others = fresh.length === 0 ? [] : await this.#writeFresh(fresh);
    // Only what is stored has been seen: of a write that failed nothing is known.
    for (const { id } of fresh) this.#seen.add(id);
    return new Set([...repeated, ...others]);
  }

  close(): Promise<void> {
    return this.#copy.close();
  }

  async #writeFresh(events: readonly TrackedEvent[]): Promise<Iterable<string>> {
    if (events.length < COPIED_FROM || this.#cautious > 0) {
      this.#cautious = Math.max(0, this.#cautious - 1);
      return this.#insert(events);
    }
    try {
      await withRetries(() => this.#copy.copy(events));
      this.counts.copied++;
      return [];
    } catch (error) {
      const repeated = (error as { code?: unknown }).code === UNIQUE_VIOLATION;
      if (!repeated && !(error instanceof CopyUnavailable)) throw error;
      this.counts.refused++;
      this.#cautious = CAUTIOUS_FOR;
      return this.#insert(events);
    }
  }

  #insert(events: readonly TrackedEvent[]): Promise<ReadonlySet<string>> {
    this.counts.inserted++;
    return withRetries(() => insertEvents(this.database.pool, events));
  }
}
