import type { PublishedEvent } from '../outbox';

/** What a bus answers to a batch: taken, or refused because it does not end where the sender believes. */
export type Publication =
  | { readonly state: 'published' }
  | {
      readonly state: 'elsewhere';
      /** Where the bus does end; 0 when it is empty. */
      readonly position: number;
      /** The id of the event at its end, if it still has that event; '' where something else is there. */
      readonly id: string | undefined;
    };

/**
 * Where committed events leave the shop. The outbox remains the truth: a bus may be away, lose what it had or come back
 * from a backup, and is brought up to date from there. Every method may throw: the caller tries again later.
 */
export interface EventPublisher {
  /** "redis": its place in the log is kept under this name. */
  readonly name: string;
  /** The last position that each partition of the bus holds (0: none); throws while the bus does not answer. */
  positions(): Promise<ReadonlyMap<number, number>>;
  /**
   * Appends events of one partition, in order, if the bus ends at position `after`; all of them or none. Without events
   * it only looks. After an error the events may be there all the same: the next attempt is told so.
   */
  publish(partition: number, after: number, events: readonly PublishedEvent[]): Promise<Publication>;
  /** Drops whatever a partition of the bus holds, if it ends at `from`, so that it ends at `to` and goes on from there. */
  restart(partition: number, from: number, to: number): Promise<void>;
  close(): Promise<void>;
}
