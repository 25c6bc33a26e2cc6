import { createTestDatabase, type TestDatabase } from '../../support/database';
import { eventually } from '../../support/eventually';
import { openGate, type Gate } from '../../support/gate';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { loadUntilKilled, startChild, type Batch, type TrackingChild } from './child';
import { event, productId } from './shop';
import { countedClicks, openStreamShop, storedIds, streamOf, type StreamShop } from './stream-shop';

const LONG_MS = 20_000;

let redis: OwnRedis;
let scratch: TestDatabase;
let gate: Gate;
let shop: StreamShop | undefined;
let child: TrackingChild | undefined;

const product = productId();
const makeBatch = (size = 40): Batch =>
  Array.from({ length: size }, () => event({ type: 'click', productId: product }));

describeWithOwnRedis('events through a Redis that writes an append-only file', () => {
  beforeAll(async () => {
    redis = await startOwnRedis({ appendOnly: true });
  });
  afterAll(() => redis.remove());
  beforeEach(async () => {
    scratch = await createTestDatabase();
    gate = await openGate(scratch.url);
  });
  afterEach(async () => {
    gate.release();
    await shop?.close();
    shop = undefined;
    await child?.kill();
    child = undefined;
    await gate.close();
    await scratch.drop();
  });

  const stored = async (batches: readonly Batch[]): Promise<boolean> => {
    const there = await storedIds(scratch);
    return batches.flat().every(({ id }) => there.has(id));
  };
  const empty = (): Promise<void> => eventually(LONG_MS, () => Promise.resolve(shop?.stream.status().waiting === 0));

  test('are stored soon after the answer, in order or not, and counted once when they are sent twice', async () => {
    shop = await openStreamShop(scratch.url, { url: redis.url });
    expect(shop.stream.status().road.through).toBe('stream');
    const batch = makeBatch();
    const twice = await shop.send([...batch, ...batch.slice(0, 3)]);
    expect([twice.status, twice.body]).toMatchObject([200, { accepted: 40, duplicates: 3 }]);
    await eventually(LONG_MS, () => stored([batch]));
    // What was stored before is not known yet when it is answered.
    expect((await shop.send([...batch].reverse())).body).toMatchObject({ accepted: 40, duplicates: 0 });
    await eventually(LONG_MS, () => Promise.resolve(shop?.tracking.counts.duplicates === 43));
    await empty();
    expect(await countedClicks(scratch)).toEqual({ sessions: 40, demand: 40 });
    expect(shop.stream.status()).toMatchObject({ diverted: 0, refused: 0, errors: 0 });
  });

  test('are answered while PostgreSQL is away, and stored when it is back', async () => {
    shop = await openStreamShop(gate.url, { url: redis.url });
    gate.hold();
    const batches = Array.from({ length: 10 }, () => makeBatch());
    for (const batch of batches) expect((await shop.send(batch)).status).toBe(200);
    expect(await storedIds(scratch)).toEqual(new Set());
    expect(shop.stream.status().waiting).toBe(400);
    gate.release();
    await eventually(LONG_MS, () => stored(batches));
    await empty();
    expect(await countedClicks(scratch)).toEqual({ sessions: 400, demand: 400 });
  });

  test('outlive a shop that is killed in the middle of the load: another process stores what it had not, once', async () => {
    child = await startChild(gate.url, streamOf({ url: redis.url }));
    gate.hold(); // so that nothing of it is in PostgreSQL, whether the process had taken it from the stream or not
    const { acknowledged, all } = await loadUntilKilled(child, makeBatch, 40);
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
    expect(await storedIds(scratch)).toEqual(new Set());
    await gate.close();

    shop = await openStreamShop(scratch.url, { url: redis.url });
    await eventually(LONG_MS, () => stored(acknowledged));
    for (const batch of all) expect((await shop.send(batch)).status).toBe(200);
    await eventually(LONG_MS, () => stored(all));
    await empty();
    const clicks = all.length * 40;
    expect(await countedClicks(scratch)).toEqual({ sessions: clicks, demand: clicks });
  });

  test('outlive a Redis that is killed and started again in the middle of the load', async () => {
    const open = (shop = await openStreamShop(gate.url, { url: redis.url }));
    const all: Batch[] = [];
    const statuses = new Set<number>();
    let going = true;
    const client = async (): Promise<void> => {
      while (going) {
        const batch = makeBatch();
        all.push(batch);
        statuses.add((await open.send(batch)).status);
      }
    };
    gate.hold();
    const clients = [1, 2, 3, 4].map(client);
    await eventually(LONG_MS, () => Promise.resolve(open.stream.status().waiting > 1_000));
    await redis.kill();
    // With both away requests wait: here for PostgreSQL, which had been asked straight.
    await eventually(LONG_MS, () => Promise.resolve(open.stream.status().diverted > 0));
    expect(await storedIds(scratch)).toEqual(new Set());
    await redis.start();
    gate.release();
    await eventually(LONG_MS, () => Promise.resolve(open.stream.status().road.through === 'stream'));
    const before = all.length;
    await eventually(LONG_MS, () => Promise.resolve(all.length > before + 20));
    going = false;
    await Promise.all(clients);
    await eventually(LONG_MS, () => stored(all));
    await empty();
    expect([...statuses]).toEqual([200]);
    const clicks = all.length * 40;
    expect(await countedClicks(scratch)).toEqual({ sessions: clicks, demand: clicks });
  });

  test('go straight to PostgreSQL while Redis is away, and through it again when it is back', async () => {
    const open = (shop = await openStreamShop(scratch.url, { url: redis.url }));
    await redis.kill();
    const batch = makeBatch();
    expect((await open.send(batch)).body).toMatchObject({ accepted: 40, duplicates: 0 });
    expect(await stored([batch])).toBe(true); // at the answer
    expect((await open.send(batch)).body).toMatchObject({ accepted: 0, duplicates: 40 });
    expect(open.stream.status()).toMatchObject({ diverted: 80, road: { because: 'Redis does not answer' } });
    await redis.start();
    await eventually(LONG_MS, async () => (await open.send(batch)).body.duplicates === 0);
    await empty();
  });

  test('go straight to PostgreSQL from a Redis that is frozen', async () => {
    const open = (shop = await openStreamShop(scratch.url, { url: redis.url }));
    redis.freeze();
    const batch = makeBatch();
    const answer = await open.send(batch);
    redis.thaw();
    expect([answer.status, await stored([batch])]).toEqual([200, true]);
    expect(open.stream.status().diverted).toBe(40);
    // The command that timed out was carried out after all: that is the same events again.
    await eventually(LONG_MS, () => Promise.resolve(open.tracking.counts.duplicates === 40));
    expect(await countedClicks(scratch)).toEqual({ sessions: 40, demand: 40 });
  });
});
