import { digestEvents } from '../../../src/contexts/tracking/digest';
import { SESSION_SILENCE_MS } from '../../../src/contexts/tracking/rules';
import type { TrackedEvent } from '../../../src/contexts/tracking/schemas';
import { Random } from '../../support/random';
import { openTrackingShop, productId, store, tracked, visitorId, type TrackingShop } from './shop';

const HALF_LIFE = 14 * 86_400;
const MINUTE = 60_000;

let shop: TrackingShop;
beforeAll(async () => {
  shop = await openTrackingShop();
});
afterAll(() => shop.close());
beforeEach(() =>
  shop.database.pool.query('truncate tracking_events, tracking_batches, tracking_sessions, tracking_demand'),
);

const digest = (most?: number): Promise<boolean> =>
  digestEvents({ database: shop.database, halfLifeSeconds: HALF_LIFE }, most);
const at = ({ id }: TrackedEvent): number => parseInt(id.slice(4, 12) + id.slice(13, 17), 16);

interface Session {
  readonly visitor: string;
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

async function sessions(): Promise<Session[]> {
  const { rows } = await shop.database.pool.query<{ visitor: string; from: Date; to: Date; events: number }>(
    `select visitor_id::text as visitor, started_at as "from", ended_at as "to",
       views + searches + clicks + adds + purchases + exposures as events
     from tracking_sessions order by visitor_id, started_at`,
  );
  return rows.map((row) => ({ ...row, from: row.from.getTime(), to: row.to.getTime() }));
}

/** The same from all events in order, one after the other. */
function cut(events: readonly TrackedEvent[]): Session[] {
  const all: Session[] = [];
  for (const one of [...events].sort((a, b) => (a.visitorId + a.id < b.visitorId + b.id ? -1 : 1))) {
    const [visitor, moment] = [one.visitorId.slice(4), at(one)];
    const last = all.at(-1);
    if (last?.visitor === visitor && moment - last.to <= SESSION_SILENCE_MS)
      all[all.length - 1] = { ...last, to: moment, events: last.events + 1 };
    else all.push({ visitor, from: moment, to: moment, events: 1 });
  }
  return all;
}

describe('sessions', () => {
  test('end after half an hour of silence, and not before', async () => {
    const visitor = visitorId();
    const start = Date.now() - 5 * 60 * MINUTE;
    const times = [0, 30 * MINUTE, 60 * MINUTE + 1];
    await store(
      shop.database,
      times.map((after) => tracked({ visitorId: visitor }, start + after)),
    );
    expect(await digest()).toBe(false);
    expect((await sessions()).map(({ from, to, events }) => [from - start, to - start, events])).toEqual([
      [0, 30 * MINUTE, 2],
      [60 * MINUTE + 1, 60 * MINUTE + 1, 1],
    ]);
  });

  test('are the same whatever order the events come in, and in whatever parts they are digested', async () => {
    const random = new Random(11);
    const visitors = Array.from({ length: 4 }, visitorId);
    const start = Date.now() - 24 * 60 * MINUTE;
    const events = Array.from({ length: 240 }, () =>
      tracked({ visitorId: random.pick(visitors) }, start + random.below(23 * 60) * MINUTE),
    );
    for (let from = 0; from < events.length; from += 12) {
      await store(shop.database, events.slice(from, from + 12));
      if (random.chance(0.6)) while (await digest(2));
    }
    while (await digest(3));
    await digest();
    expect(await sessions()).toEqual(cut(events));
    expect(cut(events).length).toBeGreaterThan(20);
  });
});

describe('the digest', () => {
  test('counts each event once, whoever digests at the same moment', async () => {
    const product = productId();
    for (let n = 0; n < 20; n++)
      await store(shop.database, [tracked({ type: 'click', productId: product }), tracked({ type: 'view' })]);
    await Promise.all(
      [1, 2, 3].map(async () => {
        while (await digest(2));
      }),
    );
    while (await digest(2));
    const { rows } = await shop.database.pool.query(
      `select (select sum(views + clicks)::int from tracking_sessions) as events,
         (select round(score)::int from tracking_demand) as clicks, (select count(*)::int from tracking_batches) as left`,
    );
    expect(rows).toEqual([{ events: 40, clicks: 20, left: 0 }]);
  });

  test('adds nothing for an event that is sent again', async () => {
    const event = tracked({ type: 'click' });
    await store(shop.database, [event]);
    await digest();
    await store(shop.database, [event]);
    await digest();
    const { rows } = await shop.database.pool.query(
      'select round(score)::int as score, (select sum(clicks)::int from tracking_sessions) as clicks from tracking_demand',
    );
    expect(rows).toEqual([{ score: 1, clicks: 1 }]);
  });

  test('takes a write that commits after later ones', async () => {
    const slow = await shop.database.pool.connect();
    try {
      await slow.query('begin');
      await slow.query('insert into tracking_batches default values');
      await store(shop.database, [tracked()]);
      await digest();
      await slow.query('commit');
      expect((await shop.database.pool.query('select 1 from tracking_batches')).rowCount).toBe(1);
      await digest();
      expect((await shop.database.pool.query('select 1 from tracking_batches')).rowCount).toBe(0);
    } finally {
      slow.release();
    }
  });

  test('weighs a cart more than a click and a purchase most, halves with age, and counts a visitor once', async () => {
    const [clicked, added, bought, old, repeated] = Array.from({ length: 5 }, productId);
    const visitor = visitorId();
    await store(shop.database, [
      tracked({ type: 'click', productId: clicked }),
      tracked({ type: 'add_to_cart', productId: added }),
      tracked({ type: 'purchase', productId: bought, orderId: productId().replace('prd', 'ord') }),
      tracked({ type: 'click', productId: old }, Date.now() - 86_400_000),
      ...Array.from({ length: 9 }, () => tracked({ type: 'click', productId: repeated, visitorId: visitor })),
      tracked({ type: 'view', productId: productId() }),
    ]);
    await digestEvents({ database: shop.database, halfLifeSeconds: 86_400 });
    const { rows } = await shop.database.pool.query<{ id: string; score: number }>(
      `select 'prd_' || product_id as id, score from tracking_demand`,
    );
    const scores = new Map(rows.map(({ id, score }) => [id, Math.round(score * 100) / 100]));
    expect([clicked, added, bought, old, repeated].map((id) => scores.get(String(id)))).toEqual([1, 4, 10, 0.5, 1]);
    expect(scores.size).toBe(5);
  });
});
