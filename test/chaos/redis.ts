import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openShop, type Shop } from '../contexts/orders/shop';
import { readStreams, versionsOf } from '../platform/bus/support';
import { eventually } from '../support/eventually';
import { startOwnRedis } from '../support/own-redis';
import { milliseconds, quantile, seconds, type Drill, type DrillReport, type Say } from './drill';

const PREFIX = 'shop';
/** What a trouble with Redis may add to the answers of 95 %, and how soon after it is back all must be in its streams. */
const [ADDED_MS, DELIVERED_MS] = [50, 60_000];

export interface RedisOptions {
  readonly rounds: number;
  /** Checkouts before each trouble, and during it. */
  readonly calm: number;
  readonly troubled: number;
  readonly say?: Say;
}

export interface RedisReport extends DrillReport {
  /** How much longer 95 % of the checkouts took at most while Redis was in trouble, milliseconds. */
  readonly addedMs: number;
}

/**
 * C6: Redis is frozen, killed and flushed while customers buy. Every checkout is served, and every event of every order is in the
 * streams afterwards, in order.
 */
export async function runRedisTrouble({
  rounds,
  calm,
  troubled,
  say = () => undefined,
}: RedisOptions): Promise<RedisReport> {
  const redis = await startOwnRedis();
  const outside = new Redis(redis.url, { retryStrategy: () => 50 });
  outside.on('error', () => undefined); // it dies on purpose
  const shop = await openShop({ REDIS_URL: redis.url, EASY11_REDIS_PREFIX: PREFIX });
  try {
    const sku = await shop.product(1_000_000);
    const [well, ill]: [number[], number[]] = [[], []];
    const [ids, refused]: [string[], string[]] = [[], []];
    const buy = async (count: number, latencies: number[]): Promise<void> => {
      const requests: Record<string, unknown>[] = [];
      for (let n = 0; n < count; n++) requests.push(shop.request(await shop.quote([sku])));
      for (const request of requests) {
        const began = performance.now();
        const answer = await shop.checkout(request);
        latencies.push(performance.now() - began);
        if (answer.status === 202) ids.push(answer.body.order.id);
        else refused.push(`C6 answered ${answer.status}: ${answer.text}`);
      }
    };
    const amid = async (what: string, trouble: () => unknown, over: () => unknown): Promise<void> => {
      await buy(calm, well);
      await trouble();
      await buy(troubled, ill);
      await over();
      say(`Redis was ${what}: ${ids.length} orders placed, ${refused.length} refused`);
    };
    for (let round = 0; round < rounds; round++) {
      await amid('frozen', redis.freeze, redis.thaw);
      await amid('killed', redis.kill, redis.start);
      await amid(
        'flushed',
        () => outside.flushall(),
        () => undefined,
      );
    }
    await buy(calm, well);
    for (const id of ids) await shop.reaches(id, 'confirmed');
    await outside.flushall(); // and once more when nothing is left to be sent
    const delivered = await untilDelivered(shop, outside);
    const addedMs = quantile(ill, 0.95) - quantile(well, 0.95);
    return {
      addedMs,
      broken: [...refused, ...delivered.missing, ...(await shop.broken())],
      figures: {
        'orders placed': ids.length,
        'of them while Redis was in trouble': ill.length,
        refused: refused.length,
        'answer, 95 % within': milliseconds(quantile(well, 0.95)),
        'answer, 95 % within, in trouble (50 ms more at most)': milliseconds(quantile(ill, 0.95)),
        'all events in the streams after (60 s at most)': seconds(delivered.tookMs),
      },
    };
  } finally {
    outside.disconnect();
    await shop.close();
    await redis.remove();
  }
}

/** Waits until every event of every order is in the streams; says which are not there, or not in order. */
async function untilDelivered(shop: Shop, outside: Redis): Promise<{ tookMs: number; missing: string[] }> {
  const { rows } = await shop.pool.query<{ id: string; version: string }>('select id, version from orders');
  const began = performance.now();
  const missing = async (): Promise<string[]> => {
    const events = await readStreams(outside, PREFIX);
    return rows.flatMap(({ id, version }) => {
      const found = versionsOf(events, `order:${id}`).join(' ');
      const wanted = Array.from({ length: Number(version) }, (_, n) => n + 1).join(' ');
      return found === wanted ? [] : [`C6 in the stream are the versions ${found} of ${id}, not ${wanted}`];
    });
  };
  await eventually(DELIVERED_MS, async () => {
    await sleep(100);
    return (await missing()).length === 0;
  }).catch(() => undefined); // what is missing is told
  return { tookMs: performance.now() - began, missing: await missing() };
}

/** The long form of C6. */
export const redis: Drill = {
  name: 'redis',
  sentence: 'C6: Redis is frozen, killed and flushed while customers buy',
  options: { rounds: 5, calm: 50, troubled: 100 },
  run: async (option, say) => {
    const [rounds, calm, troubled] = [option('rounds'), option('calm'), option('troubled')];
    const report = await runRedisTrouble({ rounds, calm, troubled, say });
    const slow = report.addedMs >= ADDED_MS ? [`C6 95 % took ${milliseconds(report.addedMs)} longer in trouble`] : [];
    return { ...report, broken: [...report.broken, ...slow] };
  },
};
