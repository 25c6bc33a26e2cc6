import { Cache } from '../../../core';
import type { Log } from '../../../platform/log';
import type { Bought, HeardEvent } from '../types';

/** Of a visitor, so many events count. */
const MOST = 50;
/** Visitors whose events this process has heard itself; whoever has been silent longest is forgotten, and read again. */
const VISITORS = 20_000;
/** After so long what was read is read again, behind the answer: another process may have heard more. */
const FRESH_MS = 10_000;
const KEPT_MS = 6 * 3_600_000;
/** Lines of orders that are kept beside the model. */
const LINES = 500_000;

export interface HistoriesOptions {
  readonly read: (visitorId: string, most: number) => Promise<readonly HeardEvent[]>;
  readonly cacheBytes: number;
  readonly log: Log;
}

/**
 * What visitors and customers did of late. Events that this process accepts are in it at once; what others accepted is read from
 * the database, kept for six hours, and read again in the background once it is ten seconds old.
 */
export class Histories {
  readonly #heard = new Map<string, readonly HeardEvent[]>();
  readonly #kept: Cache<readonly HeardEvent[]>;
  readonly #bought = new Map<string, { sku: string; at: number }[]>();
  #lines = 0;
  #failures = 0;

  constructor(private readonly options: HistoriesOptions) {
    const { read, cacheBytes, log } = options;
    this.#kept = new Cache<readonly HeardEvent[]>({
      maxBytes: cacheBytes,
      ttl: FRESH_MS,
      staleWhileRevalidate: KEPT_MS - FRESH_MS,
      fetchMethod: (visitorId) => read(visitorId, MOST),
      onRefreshError: (error) => log.warn({ err: error }, 'The history of a visitor could not be read again'),
    });
  }

  /** How often a history could not be read: those answers are for a stranger. */
  get failures(): number {
    return this.#failures;
  }

  hits(): { readonly hits: number; readonly misses: number } {
    return this.#kept.stats();
  }

  /** Notes what a visitor did: the next answer knows it. */
  hear(visitorId: string, event: HeardEvent): void {
    const before = this.#heard.get(visitorId) ?? [];
    this.#heard.delete(visitorId);
    this.#heard.set(visitorId, [event, ...before.filter(({ id }) => id !== event.id)].slice(0, MOST));
    if (this.#heard.size > VISITORS) {
      const [oldest] = this.#heard.keys();
      if (oldest !== undefined) this.#heard.delete(oldest);
    }
  }

  /** The last events of a visitor, the newest first. Where they cannot be read, those that this process heard itself. */
  async of(visitorId: string): Promise<readonly HeardEvent[]> {
    const heard = this.#heard.get(visitorId) ?? [];
    let stored: readonly HeardEvent[] = [];
    try {
      stored = (await this.#kept.fetch(visitorId)) ?? [];
    } catch (error) {
      // An answer for somebody unknown is better than none.
      if (this.#failures++ === 0) this.options.log.warn({ err: error }, 'The history of a visitor could not be read');
    }
    if (heard.length === 0) return stored;
    const ids = new Set(heard.map(({ id }) => id));
    return [...heard, ...stored.filter(({ id }) => !ids.has(id))].sort((a, b) => b.at - a.at).slice(0, MOST);
  }

  /** Notes an article of an order. */
  noteBought({ customer, sku, at }: Bought): void {
    if (customer === null) return;
    const before = this.#bought.get(customer) ?? [];
    if (before.some((line) => line.sku === sku && line.at === at)) return;
    this.#bought.delete(customer);
    this.#bought.set(customer, [...before, { sku, at }]);
    this.#lines++;
    while (this.#lines > LINES) {
      const [first] = this.#bought;
      if (!first) return;
      this.#bought.delete(first[0]);
      this.#lines -= first[1].length;
    }
  }

  /** What a customer bought, as far as orders have been followed. */
  boughtBy(customer: string): readonly { readonly sku: string; readonly at: number }[] {
    return this.#bought.get(customer) ?? [];
  }

  close(): void {
    this.#kept.close();
  }
}
