import { setImmediate as nextTurn } from 'node:timers/promises';
import { Easy11Error } from '../../core';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../../platform/log';
import { BehindError, type Follower, type Outbox, type Positions, type PublishedEvent } from '../../platform/outbox';
import {
  PRODUCT_CREATED,
  PRODUCT_DELETED,
  PRODUCT_UPDATED,
  searchableProductSchema,
  type SearchableProduct,
} from '../catalogue';
import { Projection } from './projection';

export interface IndexDependencies {
  readonly outbox: Pick<Outbox, 'follow' | 'positions'>;
  /** Every product there is, each as it is at some moment after the call. */
  readonly products: () => AsyncIterable<SearchableProduct>;
  readonly clock: Clock;
  readonly log: Log;
  /** The shop's. */
  readonly currency: string;
}

export interface IndexStatus {
  readonly products: number;
  /** Products that cannot be indexed; the log names them. */
  readonly refused: number;
  /** Events published and not yet applied. */
  readonly lag: number;
  readonly applied: number;
  /** How often the index was built: at the start, and whenever it could not go on from the log. */
  readonly builds: number;
  readonly errors: number;
  readonly consecutiveErrors: number;
  readonly lastError: string | undefined;
  /** When the log was last read, in milliseconds since the epoch. */
  readonly lastSuccessAt: number | undefined;
}

/** After a rebuild because of an event, further bad events are passed over for so long. */
const REBUILD_PAUSE_MS = 60_000;
/** How long applying events may hold up the event loop at a time. */
const SLICE_MS = 2;

/** Keeps a projection true to the catalogue: built from its products, then changed by its events. */
export class IndexFollower {
  #projection: Projection | undefined;
  #follower: Follower | undefined;
  #everCaughtUp = false;
  #builds = 0;
  #lastRebuildForEvent = -Infinity;
  #buildErrors = 0;
  #lastBuildError: string | undefined;
  /** The projection that the log has been told of. */
  #slow: Projection | undefined;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;

  constructor(private readonly deps: IndexDependencies) {
    this.#running = this.#start();
  }

  /** The projection to answer from: undefined until it holds all that was known when it was first asked for. */
  get current(): Projection | undefined {
    if (this.#everCaughtUp) return this.#projection;
    this.#everCaughtUp = this.#follower?.caughtUp() ?? false;
    return this.#everCaughtUp ? this.#projection : undefined;
  }

  status(): IndexStatus {
    const follower = this.#follower?.status();
    return {
      products: this.#projection?.size ?? 0,
      refused: this.#projection?.refused.size ?? 0,
      lag: follower?.lag ?? 0,
      applied: follower?.applied ?? 0,
      builds: this.#builds,
      errors: (follower?.errors ?? 0) + this.#buildErrors,
      consecutiveErrors: follower?.consecutiveErrors ?? this.#buildErrors,
      lastError: follower?.lastError ?? this.#lastBuildError,
      lastSuccessAt: follower?.lastSuccessAt,
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#follower?.close();
    this.#projection?.close();
  }

  async #start(): Promise<void> {
    const { outbox, clock, log } = this.deps;
    while (!this.#closing.signal.aborted) {
      try {
        const from = await this.#build();
        this.#follower = outbox.follow({
          name: 'search-index',
          kind: 'product',
          from,
          onEvents: (events) => this.#apply(events),
          onBehind: () => this.#build(),
        });
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#buildErrors++;
        this.#lastBuildError = error instanceof Error ? error.message : String(error);
        log.warn({ err: error }, 'The search index could not be built; trying again');
        await clock.sleep(Math.min(5_000, 250 * 2 ** this.#buildErrors), this.#closing.signal);
      }
    }
  }

  /** Builds a projection beside the present one, which answers until the new one takes its place. */
  async #build(): Promise<Positions> {
    // Before the products: what commits while they are read is then both among them and among the events that follow.
    const positions = await this.deps.outbox.positions();
    const start = this.deps.clock.now();
    const projection = await Projection.build(this.deps.products, this.#closing.signal, this.deps.currency);
    this.#projection?.close();
    this.#projection = projection;
    this.#builds++;
    const { log, clock } = this.deps;
    log.info({ products: projection.size, milliseconds: clock.now() - start }, 'Built the search index');
    if (projection.refused.size > 0)
      log.error({ refused: Object.fromEntries([...projection.refused].slice(0, 20)) }, 'Products cannot be indexed');
    this.#tellWhenSlow(projection);
    return positions;
  }

  /** Browsing that has become slower shows nowhere else; only another build can make it fast again. */
  #tellWhenSlow(projection: Projection): void {
    if (!projection.scansAll || this.#slow === projection) return;
    this.#slow = projection;
    this.deps.log.warn('More brands or categories than a RangeIndex holds: every browse is a scan of all products');
  }

  async #apply(events: readonly PublishedEvent[]): Promise<void> {
    const projection = this.#projection;
    if (!projection) throw new Error('events came before the index was built');
    let sliceEnd = performance.now() + SLICE_MS;
    for (const event of events) {
      if (performance.now() > sliceEnd) {
        // An import brings thousands at once: whoever is typing meanwhile must not wait for them.
        await nextTurn();
        sliceEnd = performance.now() + SLICE_MS;
      }
      try {
        applyEvent(projection, event);
      } catch (error) {
        this.#reportBadEvent(projection, event, error);
      }
    }
    this.#tellWhenSlow(projection);
  }

  /** Asks for a rebuild, since the catalogue may know better than the event; not again and again, lest nothing else happen. */
  #reportBadEvent(projection: Projection, event: PublishedEvent, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.deps.log.error(
      { event: event.id, type: event.type, reason },
      'An event cannot be applied to the search index',
    );
    if (error instanceof Easy11Error) projection.refused.set(event.subject, reason);
    const now = this.deps.clock.now();
    if (now - this.#lastRebuildForEvent < REBUILD_PAUSE_MS) return;
    this.#lastRebuildForEvent = now;
    throw new BehindError(`${event.id} cannot be applied: ${reason}`);
  }
}

/** Applies an event unless the projection is already past it. Unknown types are the future's: they are passed over. */
export function applyEvent(projection: Projection, event: PublishedEvent): void {
  if (event.version <= projection.versionOf(event.subject)) return;
  if (event.type === PRODUCT_CREATED || event.type === PRODUCT_UPDATED) {
    projection.put(searchableProductSchema.parse(event.data));
  } else if (event.type === PRODUCT_DELETED) {
    projection.remove(event.subject);
  }
}
