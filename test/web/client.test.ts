import { cartApi } from '../../web/src/api/cart';
import { ApiError, isPassing, pauseAfter, send } from '../../web/src/api/client';
import { startTestApp, type TestApp } from '../support/app';

/** How the storefront asks again, against the real shop. */
let shop: TestApp;
const realFetch = globalThis.fetch;
let statuses: number[] = [];

async function open(env?: Readonly<Record<string, string>>): Promise<void> {
  shop = await startTestApp(env);
  statuses = [];
  globalThis.fetch = async (where, init) => {
    const answer = await realFetch(`${shop.url}${String(where)}`, init);
    statuses.push(answer.status);
    return answer;
  };
}
afterEach(async () => {
  globalThis.fetch = realFetch;
  await shop.close();
});

describe('a request that is refused for the moment', () => {
  test('because there were too many is sent again, not before the shop wants it', async () => {
    await open({ EASY11_RATE_LIMIT: '1' });
    let begun = 0;
    for (let round = 1; statuses[0] !== 429; round++) {
      // A second's worth comes in at any moment: again, where it was in time for the first attempt.
      while ((await realFetch(`${shop.url}/v1/markets`)).ok);
      statuses = [];
      begun = performance.now();
      await expect(cartApi.create(`cart-${round}`)).resolves.toMatchObject({ units: 0 });
    }
    expect(statuses).toEqual([429, 201]);
    expect(performance.now() - begun).toBeGreaterThan(900);
  });

  test('because the same one is being worked on is sent again, and gets that one’s answer', async () => {
    await open();
    const { pool } = shop.database.database;
    const first = await cartApi.create('the-first');
    const client = await pool.connect();
    // The first request is still in its transaction.
    await client.query('begin');
    await client.query(`insert into idempotency_keys select scope, 'in-flight', request_hash from idempotency_keys`);
    await client.query(
      `update idempotency_keys k set status = f.status, headers = f.headers, body = f.body
       from idempotency_keys f where k.key = 'in-flight' and f.key = 'the-first'`,
    );
    statuses = [];
    const answer = send('POST', '/v1/carts', { 'Idempotency-Key': 'in-flight' }, {});
    while (statuses.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await client.query('commit');
    client.release();
    expect(await answer).toEqual(first);
    // How often it asks until the first has ended is up to the machine.
    expect([statuses[0], statuses.at(-1), [...new Set(statuses)].length]).toEqual([409, 201, 2]);
  });

  test('for longer than anybody wants to wait is an error at once', async () => {
    await open();
    const busy = (ms: number): ApiError => new ApiError('slow down', 429, {}, 'rate-limited', [], ms);
    expect([pauseAfter(busy(0), 300), pauseAfter(busy(2_000), 300), pauseAfter(busy(60_000), 300)]).toEqual([
      300,
      2_000,
      undefined,
    ]);
    const refusal = await cartApi.read({ id: 'crt_nobody', token: 'x' }).catch((error: unknown) => error);
    expect([refusal instanceof ApiError, isPassing(refusal), pauseAfter(refusal, 300)]).toEqual([
      true,
      false,
      undefined,
    ]);
  });
});
