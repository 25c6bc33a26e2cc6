import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { PATIENCE } from '../contexts/orders/shop';
import { allHeard, EVERY_CONSUMER } from '../support/consumers';
import { createTestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { openGate, type Gate } from '../support/gate';
import { brokenAtRest } from '../support/invariants';
import { seconds, type Drill, type DrillReport, type Say } from './drill';
import type { MortalServer } from './mortal';
import { watchSagas } from './sagas';
import { openMortalShop, type MortalShop } from './shop';

/** How long the provider takes: less than a call may. */
const CALL_MS = 2_500;
/** The lease of a saga. */
const LEASE_MS = 5_000;

export interface ZombieOptions {
  readonly rounds: number;
  /** As many as a process works on at once, at most: 32. */
  readonly orders: number;
  readonly built?: boolean;
  readonly say?: Say;
}

/**
 * C9: the process that carries on some sagas is stopped with SIGSTOP for longer than their leases last, when it has heard from the
 * provider and is about to write that down. Another process of the shop takes them over and ends them. Then the first goes on where it
 * was: the fence must refuse whatever it wanted to write.
 */
export async function runZombies({
  rounds,
  orders,
  built = false,
  say = () => undefined,
}: ZombieOptions): Promise<DrillReport> {
  const { database, url, drop } = await createTestDatabase({}, 4);
  const gate = await openGate(url);
  let opened: MortalShop | undefined;
  try {
    opened = await openMortalShop(gate.url, database.pool, built);
    const broken: string[] = [];
    const frozenFor: number[] = [];
    let refused = 0;
    for (let round = 1; round <= rounds; round++) {
      const frozen = await freezeOnce(opened, gate, url, orders, database.pool);
      frozenFor.push(frozen.ms);
      broken.push(...frozen.broken);
      const now = await supersededBy(opened.server);
      say(`round ${round} of ${rounds}: frozen for ${seconds(frozen.ms)}, ${now - refused} late writes refused`);
      if (now === refused) broken.push('C9 the zombie wanted to write nothing: this has tested nothing');
      refused = now;
    }
    const { sandbox } = opened;
    broken.push(
      ...(await brokenAtRest(database.pool, () => sandbox.books(), { consumers: EVERY_CONSUMER, withinMs: 60_000 })),
    );
    const figures = {
      orders: rounds * orders,
      'frozen for': frozenFor.map(seconds).join(', '),
      'late writes that the fence refused': refused,
    };
    return { broken, figures };
  } finally {
    gate.release();
    await opened?.close();
    await gate.close();
    await drop();
  }
}

async function freezeOnce(
  { server, sandbox, shop, another }: MortalShop,
  gate: Gate,
  url: string,
  orders: number,
  pool: pg.Pool,
): Promise<{ ms: number; broken: string[] }> {
  const sku = await shop.product(orders);
  const requests: Record<string, unknown>[] = [];
  for (let n = 0; n < orders; n++) requests.push(shop.request(await shop.quote([sku])));
  // Webhooks would tell the zombie, and nobody else.
  await sandbox.control({ webhookUrl: null, faults: { delayMs: CALL_MS } });
  const calls = async (): Promise<number> => (await sandbox.stats()).requests['POST /v1/payments'] ?? 0;
  const before = { calls: await calls(), books: (await sandbox.books()).length };
  const refused = await supersededBy(server);
  const answers = await Promise.all(requests.map((request) => shop.checkout(request)));
  const broken = answers.filter(({ status }) => status !== 202).map(({ text }) => `C9 ${text}`);
  await eventually(PATIENCE, async () => (await calls()) >= before.calls + orders);
  // From here on the worker hears from the provider, and what it writes down of that does not arrive.
  gate.hold();
  await eventually(PATIENCE, async () => (await sandbox.books()).length >= before.books + orders);
  await sleep(500);
  const began = performance.now();
  server.freeze();
  await sandbox.control({ faults: {} });
  const other = await another(url);
  const sagas = watchSagas(pool);
  try {
    await other.start();
    // What it is in the middle of writing holds locks, for a minute at most: then PostgreSQL ends its transaction.
    if (!(await sagas.end(3 * PATIENCE))) broken.push('C9 nobody has ended the sagas of a process that is frozen');
    await sleep(Math.max(0, began + LEASE_MS + 1_000 - performance.now()));
    await allHeard(pool, 3 * PATIENCE);
    const ended = await trade(pool);
    const ms = performance.now() - began;
    server.thaw();
    gate.release();
    await eventually(PATIENCE, async () => (await supersededBy(server)) > refused).catch(() => undefined);
    await sleep(2_000);
    if ((await trade(pool)) !== ended) broken.push('C9 a zombie has written something');
    return { ms, broken };
  } finally {
    await sagas.close();
    await other.stop();
  }
}

/** All that a worker may write. */
async function trade(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query(
    `select (select json_agg(o order by id) from orders as o) as orders, (select json_agg(s order by id) from sagas as s) as sagas,
       (select json_agg(p order by id) from payments as p) as payments, (select count(*) from order_history) as history,
       (select count(*) from outbox_events) as events, (select count(*) from ledger_entries) as ledger`,
  );
  return JSON.stringify(rows);
}

/** How many writes of a process the fence has refused. */
async function supersededBy({ url }: MortalServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^easy11_orders_saga_superseded_count (\d+)/m.exec(text)?.[1] ?? 0);
}

/** The long form of C9. */
export const zombie: Drill = {
  name: 'zombie',
  sentence:
    'C9: SIGSTOP for a process of the shop past the leases of its sagas, while another takes them over; then SIGCONT',
  options: { rounds: 5, orders: 20 },
  run: (option, say) => runZombies({ rounds: option('rounds'), orders: option('orders'), built: true, say }),
};
