import pg from 'pg';
import { formatTime, table } from '../processes';
import { startServer } from '../http/server';
import type { CheckoutLoad } from './load';
import { measureOutbox } from './outbox';
import { load, openBenchShop, type BenchShop } from './shop';

/** A shop on a busy afternoon, and one whose customers all come at once: what is compared, and how many share the two cores. */
const [CONNECTIONS, CROWD] = [16, 64];
const WARM_UP = 400;

/** A checkout that somebody offers: ours, or the same written the usual way. */
interface Contender {
  readonly name: string;
  start(shop: BenchShop): Promise<{ url: string; stop(): Promise<void> }>;
}
const usual = (name: string, isolation: string): Contender => ({
  name,
  start: ({ databaseUrl }) => startServer(['--import', 'tsx', 'bench/checkout/usual.ts', databaseUrl, isolation], {}),
});
const CONTENDERS: readonly Contender[] = [
  { name: 'Easy11', start: ({ url }) => Promise.resolve({ url, stop: () => Promise.resolve() }) },
  usual('interactive ORM transaction, read committed', 'read-committed'),
  usual('interactive ORM transaction, serializable, 5 attempts', 'serializable'),
];

interface Row {
  readonly name: string;
  readonly plenty: CheckoutLoad;
  readonly crowded: CheckoutLoad;
  readonly scarce: CheckoutLoad;
  readonly sold: number;
}

/** Each contender sells plenty of everything, then the last hundred units of one product to many more customers than that. */
async function compare(shop: BenchShop, client: pg.Client, checkouts: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, start } of CONTENDERS) {
    const server = await start(shop);
    try {
      const skus = await shop.products(50, 1_000_000);
      const sell = async (count: number, connections: number): Promise<CheckoutLoad> => {
        const requests = await shop.checkouts(count, skus);
        await settled(client);
        return load(server.url, requests, { connections });
      };
      await sell(WARM_UP, CONNECTIONS);
      const plenty = await sell(checkouts, CONNECTIONS);
      const crowded = await sell(checkouts, CROWD);
      const [last = ''] = await shop.products(1, 100);
      const scarce = await load(server.url, await shop.checkouts(400, [last]), { connections: CONNECTIONS });
      const { rows: found } = await client.query<{ sold: number }>(
        `select coalesce(sum(line.quantity), 0)::int as sold from order_lines as line
         join orders on orders.id = line.order_id where line.sku = $1 and orders.state <> 'cancelled'`,
        [last],
      );
      rows.push({ name, plenty, crowded, scarce, sold: found[0]?.sold ?? Number.NaN });
    } finally {
      await server.stop();
    }
  }
  return rows;
}

/** Waits until the sagas of what was bought before have ended; nobody carries on what the peers sold. */
async function settled(client: pg.Client): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from orders where state = 'pending' and not starts_with(id, 'usual_')`,
    );
    if (rows[0]?.n === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const milliseconds = (value: number): string => formatTime(value * 1_000);
const accepted = ({ statuses }: CheckoutLoad): number => statuses['202'] ?? 0;
const total = ({ statuses }: CheckoutLoad): number => Object.values(statuses).reduce((sum, one) => sum + one, 0);
const failed = ({ statuses }: CheckoutLoad): number =>
  Object.entries(statuses).reduce((sum, [status, n]) => sum + (status === '0' || status >= '500' ? n : 0), 0);

/** From the order to its confirmation, at a provider that takes 100 ms, 40 checkouts a second: in one burst, or evenly over it. */
async function measureSaga(
  shop: BenchShop,
  client: pg.Client,
  evenly: boolean,
): Promise<{ p50: number; p95: number; orders: number }> {
  await shop.sandbox.control({ faults: { delayMs: 100 } });
  const skus = await shop.products(50, 1_000_000);
  const requests = await shop.checkouts(400, skus);
  const { rows: clock } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  await load(shop.url, requests, { connections: CONNECTIONS, perSecond: 40, ...(evenly && { evenly }) });
  const since = clock[0]?.now;
  await settled(client);
  const { rows } = await client.query<{ p50: number; p95: number; orders: number }>(
    `select count(*)::int as orders,
       percentile_cont(0.5) within group (order by took)::float8 as p50,
       percentile_cont(0.95) within group (order by took)::float8 as p95
     from (select extract(epoch from history.occurred_at - orders.created_at) * 1000 as took
       from orders join order_history as history on history.order_id = orders.id and history."to" = 'confirmed'
       where orders.created_at >= $1) as confirmed`,
    [since],
  );
  await shop.sandbox.control({ faults: {} });
  const [row] = rows;
  if (!row) throw new Error('no order was confirmed');
  return row;
}

/** Browsing at three times what the process can do, and customers who buy meanwhile. */
async function measureOverload(
  shop: BenchShop,
): Promise<{ capacity: number; browsing: CheckoutLoad; buying: CheckoutLoad }> {
  const skus = await shop.products(20, 1_000_000);
  const second = await shop.startSecond();
  try {
    const search = { method: 'GET', path: '/v1/search?q=tea&facets=brand&limit=50' };
    const everybody = (connections: number) => Array.from({ length: connections }, () => search);
    const alone = await load(second.url, everybody(16), { connections: 16, seconds: 4 });
    const capacity = alone.perSecond;
    const requests = await shop.checkouts(200, skus);
    const [browsing, buying] = await Promise.all([
      load(second.url, everybody(200), { connections: 200, seconds: 14, perSecond: Math.round(capacity * 3) }),
      load(second.url, requests, { connections: 8, perSecond: 20 }),
    ]);
    return { capacity, browsing, buying };
  } finally {
    await second.stop();
  }
}

/** The section of the report. */
export async function benchCheckout(checkouts: number): Promise<string> {
  const shop = await openBenchShop();
  const client = new pg.Client({ connectionString: shop.databaseUrl });
  try {
    await client.connect();
    const rows = (await compare(shop, client, checkouts)).map(({ name, plenty, crowded, scarce, sold }) => [
      name,
      ...[plenty, crowded].flatMap((one) => [
        one.perSecond.toFixed(0),
        ...[one.p50, one.p95].map(milliseconds),
        String(total(one) - accepted(one)),
      ]),
      `${sold} of 100`,
      String(failed(scarce)),
    ]);
    const of = (connections: number): string[] => [
      `${connections} connections: accepted/s`,
      'p50',
      'p95',
      'not accepted',
    ];
    const head = ['checkout', ...of(CONNECTIONS), ...of(CROWD), 'last units sold', 'errors meanwhile'];
    const [burst, even] = [await measureSaga(shop, client, false), await measureSaga(shop, client, true)];
    const outbox = await measureOutbox(shop.databaseUrl);
    const { capacity, browsing, buying } = await measureOverload(shop);
    const share = (one: CheckoutLoad): string => `${((100 * (total(one) - failed(one))) / total(one)).toFixed(1)} %`;
    const more = [
      ...[
        { saga: burst, how: 'each second’s in one burst' },
        { saga: even, how: 'evenly' },
      ].map(({ saga, how }) => [
        `whole saga at a provider that takes 100 ms, 40 orders/s, ${how}`,
        `p50 ${milliseconds(saga.p50)}, p95 ${milliseconds(saga.p95)} (${saga.orders} orders)`,
      ]),
      [
        'outbox, from the first commit to the last event applied',
        `${Math.round(outbox.perSecond).toLocaleString('en')} events/s (${outbox.events.toLocaleString('en')} events)`,
      ],
      [
        `checkouts while ${Math.round(capacity)} searches/s are possible and three times as many are asked`,
        `${share(buying)} served, p95 ${milliseconds(buying.p95)}`,
      ],
      ['those searches', `${share(browsing)} served, the others told to come back`],
    ];
    return [
      `### Checkout over HTTP, ${checkouts.toLocaleString('en')} baskets of two products each time, PostgreSQL and load generator on the same machine`,
      table(head, rows),
      table(['what else', 'measured'], more),
    ].join('\n\n');
  } finally {
    await client.end();
    await shop.close();
  }
}
