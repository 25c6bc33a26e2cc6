import type pg from 'pg';
import { claimExports, deleteExports, listExported } from './store/exports';

/** An event as an archive keeps it. Ids are UUIDs without a prefix; there is nothing in it for who a person is. */
export interface EventFact {
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly visitorId: string;
  readonly productId: string | null;
  readonly orderId: string | null;
  readonly query: string | null;
  readonly results: number | null;
  readonly position: number | null;
  readonly quantity: number | null;
  readonly slot: string | null;
  readonly experiment: string | null;
  readonly variant: string | null;
}

/** Writes of events that one part takes: of some hundred events each under load. */
const WRITES = 5_000;
const PAGE = 20_000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * The way of stored events into an archive, part after part. What a part holds is fixed when it is claimed, and is forgotten only in
 * the transaction that notes that the part is written: a part that is written again is the same.
 */
export const trackedEventExport = {
  /** Gives events that wait to a part, in the caller's transaction. Resolves to 0 when none waits. */
  claim: (client: pg.PoolClient, part: number): Promise<number> => claimExports(client, part, WRITES),
  /** The events of a part, some at a time, by id. */
  async *read(pool: pg.Pool, part: number): AsyncGenerator<readonly EventFact[]> {
    let page = await listExported(pool, part, BEFORE_ALL, PAGE);
    while (page.length > 0) {
      yield page;
      page = await listExported(pool, part, page.at(-1)?.id ?? BEFORE_ALL, PAGE);
    }
  },
  release: (client: pg.PoolClient, part: number): Promise<void> => deleteExports(client, part),
};
