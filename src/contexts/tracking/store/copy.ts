import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { TrackedEvent } from '../schemas';
import { encodeRows } from './copy-format';
import { EVENT_COLUMNS } from './events';

const NAMES = ['batch', ...EVENT_COLUMNS.map(({ name }) => name)].join(', ');
/** Numbers of writes that are taken from the sequence at a time, so that a write needs no round trip to learn its own. */
const NUMBERS = 256;

/** There is no connection of its own to copy on; nothing was sent. */
export class CopyUnavailable extends Error {}

/**
 * Writes events with COPY, on a connection of its own that it opens when it is first needed: those of the pool are pipelined, where
 * the driver takes no COPY.
 */
export class EventCopy {
  #client: Promise<pg.Client> | undefined;
  #numbers: number[] = [];

  constructor(private readonly url: string) {}

  /**
   * Stores events that were not there before: with the rows that say that they are yet to be digested and to go into the archive, in
   * one transaction and one round trip. One copy at a time. Rejects with CopyUnavailable where there is no connection, and with what
   * PostgreSQL says, 23505 where one of them was there; then nothing of it was done, but for a connection that broke, where nobody knows.
   */
  async copy(events: readonly TrackedEvent[]): Promise<void> {
    const client = await (this.#client ??= this.#open());
    try {
      const batch = await this.#number(client);
      const marks = `insert into tracking_batches (id) values (${batch}); insert into tracking_exports (batch) values (${batch})`;
      const stream = client.query(copyFrom(`${marks}; copy tracking_events (${NAMES}) from stdin (format binary)`));
      const rows = encodeRows(batch, events);
      await new Promise<void>((resolve, reject) => {
        stream.on('error', reject).once('finish', resolve).end(rows);
      });
    } catch (error) {
      // After a constraint or a conflict the connection is as it was; after anything else the next copy begins with a new one.
      if (!/^(23|40)/.test(String((error as { code?: unknown }).code))) await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await (await client?.catch(() => undefined))?.end().catch(() => undefined); // broken, or never there: nothing to say goodbye to
  }

  /** Not async: what it returns is what is compared with, when the connection has gone. */
  #open(): Promise<pg.Client> {
    const client = new pg.Client({
      ...{ connectionString: this.url, application_name: 'easy11-events' },
      ...{ keepAlive: true, connectionTimeoutMillis: 10_000 },
    });
    const opened = client.connect().then(
      () => client,
      (error: unknown) => {
        forget();
        throw new CopyUnavailable('There is no connection to copy on', { cause: error });
      },
    );
    const forget = (): void => {
      if (this.#client === opened) this.#client = undefined;
    };
    // Between two copies nobody else would hear of it; within one, the copy does.
    client.on('error', forget).on('end', forget);
    return opened;
  }

  async #number(client: pg.Client): Promise<number> {
    if (this.#numbers.length === 0) {
      const text = `select nextval('tracking_batches_id_seq') as id from generate_series(1, ${NUMBERS})`;
      this.#numbers = (await client.query<{ id: string }>(text)).rows.map(({ id }) => Number(id));
    }
    return this.#numbers.shift() as number;
  }
}
