import type { Queryable } from './events';

/** The kinds of events that say something of a product. */
const TELLING = ['view', 'click', 'add_to_cart', 'purchase'] as const;

/** What a visitor did with a product. */
export interface ProductEvent {
  /** `evt_…` */
  readonly id: string;
  readonly type: (typeof TELLING)[number];
  /** `vis_…` */
  readonly visitorId: string;
  /** `prd_…` */
  readonly productId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const COLUMNS = `'evt_' || id as id, type, 'vis_' || visitor_id as "visitorId", 'prd_' || product_id as "productId",
  (extract(epoch from occurred_at) * 1000)::float8 as at`;
const TELLS = `product_id is not null and type in (${TELLING.map((type) => `'${type}'`).join(', ')})`;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Every event of a product by rising id, hence by time, in chunks: a stream that holds no transaction. */
export async function* streamEvents(client: Queryable, chunk: number): AsyncGenerator<ProductEvent[]> {
  for (let after = FIRST; ;) {
    const { rows } = await client.query<ProductEvent>({
      name: 'tracking-stream',
      text: `select ${COLUMNS} from tracking_events where id > $1::uuid and ${TELLS} order by tracking_events.id limit $2`,
      values: [after, chunk],
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.id.slice(4);
  }
}

/** The latest events of one visitor, the newest first. */
export async function listVisitorEvents(client: Queryable, visitorId: string, most: number): Promise<ProductEvent[]> {
  const { rows } = await client.query<ProductEvent>({
    name: 'tracking-visitor',
    text: `select ${COLUMNS} from tracking_events where visitor_id = $1::uuid and ${TELLS}
           order by tracking_events.id desc limit $2`,
    values: [visitorId.slice(4), most],
  });
  return rows;
}

/** The products in the greatest demand now, with it: the weight of an event halves with every half-life. */
export async function listDemand(
  client: Queryable,
  halfLifeSeconds: number,
  most: number,
): Promise<{ readonly productId: string; readonly demand: number }[]> {
  const { rows } = await client.query<{ productId: string; demand: number }>({
    name: 'tracking-demand-list',
    text: `select 'prd_' || product_id as "productId", score * power(0.5::float8,
             least(300, greatest(0, extract(epoch from clock_timestamp() - as_of)::float8 / $1::float8))) as demand
           from tracking_demand order by demand desc, product_id limit $2`,
    values: [halfLifeSeconds, most],
  });
  return rows;
}
