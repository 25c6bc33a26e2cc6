import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import type { Database } from '../../platform/database';
import { matchCancellations } from './rules';
import * as store from './store/past-orders';

export type { PastOrderLine } from './store/past-orders';

/** A line as a file brings it: its id is made of what it says. */
export type NewPastOrderLine = Omit<store.PastOrderLine, 'id' | 'cancels' | 'source' | 'currency'>;

/**
 * Takes the lines of one file, batch after batch. A line's id is a digest of what it says and of how many like it came before it in
 * the file: the same file, or a longer one with the same beginning, brings nothing twice, and duplicates within it are kept.
 */
export class PastOrders {
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly database: Pick<Database, 'pool' | 'transaction'>,
    private readonly source: string,
    private readonly currency: string,
  ) {}

  /** Resolves to how many of the lines are new, and how many were there. */
  async save(lines: readonly NewPastOrderLine[]): Promise<{ inserted: number; unchanged: number }> {
    const { source, currency } = this;
    const rows = lines.map((line) => ({ ...line, id: this.#idOf(line), source, currency }));
    const inserted = await store.insertLines(this.database.pool, v7(), rows);
    return { inserted, unchanged: rows.length - inserted };
  }

  /** Says of each cancellation which sale it takes back, for all lines of the source; counts those that fit and those that do not. */
  async linkCancellations(): Promise<{ cancellationsLinked: number; cancellationsUnlinked: number }> {
    return this.database.transaction(async (client) => {
      const matches = matchCancellations(await store.readCancellable(client, this.source));
      await store.writeCancels(client, this.source, matches);
      const all = await store.countCancellations(client, this.source);
      return { cancellationsLinked: matches.size, cancellationsUnlinked: all - matches.size };
    });
  }

  #idOf({ kind, invoice, sku, description, quantity, amount, orderedAt, customer, country }: NewPastOrderLine): string {
    const said = [this.source, kind, invoice, sku, description, quantity, amount, orderedAt, customer, country];
    const digest = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32);
    const number = (this.#seen.get(digest) ?? 0) + 1;
    this.#seen.set(digest, number);
    return `${digest}-${number}`;
  }
}

/** What a customer of before bought and sent back, the oldest first. */
export const readHistory = (database: Pick<Database, 'pool'>, customer: string): Promise<store.PastOrderLine[]> =>
  store.listLines(database.pool, customer);
