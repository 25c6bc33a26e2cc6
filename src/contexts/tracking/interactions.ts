import type { Database } from '../../platform/database';
import * as store from './store/interactions';

export type { ProductEvent } from './store/interactions';

const CHUNK = 5_000;

/** What visitors did with products, as long as it is kept, by time: for those who learn from it. */
export async function* streamInteractions(
  database: Pick<Database, 'pool'>,
  chunk = CHUNK,
): AsyncGenerator<store.ProductEvent> {
  for await (const events of store.streamEvents(database.pool, chunk)) yield* events;
}

/** What a visitor (`vis_…`) did last with products, the newest first. */
export const readVisitor = (
  database: Pick<Database, 'pool'>,
  visitorId: string,
  most: number,
): Promise<store.ProductEvent[]> => store.listVisitorEvents(database.pool, visitorId, most);

/** The products in the greatest demand now, the greatest first. */
export const readDemand = (
  database: Pick<Database, 'pool'>,
  { halfLifeDays, most }: { readonly halfLifeDays: number; readonly most: number },
): Promise<{ readonly productId: string; readonly demand: number }[]> =>
  store.listDemand(database.pool, halfLifeDays * 86_400, most);
