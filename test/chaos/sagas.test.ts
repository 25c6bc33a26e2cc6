import { openByHand, type ByHand } from '../contexts/orders/by-hand';
import { isSound, QUIET_WITHIN_MS } from './chaos';
import { newTally } from './customers';
import { watchSagas } from './sagas';

let hand: ByHand;
beforeAll(async () => {
  hand = await openByHand();
});
afterAll(() => hand.shop.close());

test('a shop is not quiet while a saga is open, not even one that waits; and who needed a person for a moment was seen', async () => {
  const { pool } = hand.shop;
  const sagas = watchSagas(pool);
  expect(await sagas.end(0)).toBe(true);
  const { id, saga } = await hand.placed();
  await pool.query(
    `update sagas set waiting_for = 'payment', wait_until = 'infinity', lease_until = null where id = $1`,
    [id],
  );
  expect(await sagas.end(300)).toBe(false);
  await pool.query(`update sagas set state = 'manual' where id = $1`, [id]);
  expect(await sagas.end(0)).toBe(false);
  await hand.toTheEnd(saga);
  expect(await sagas.end(0)).toBe(true);
  expect(await sagas.mostManual()).toBe(1);
  await sagas.close();
});

test('a run is sound only if it became quiet within a minute, and nothing is broken', () => {
  const tally = newTally();
  const sound = {
    broken: [],
    orders: {},
    kills: 1,
    tally,
    replayMismatches: 0,
    quiet: true,
    quiescentMs: 1,
    manual: 0,
    provider: { events: 9, taken: 9, badRefused: 9, badTaken: 0, lost: 0, pending: 0 },
  };
  expect(isSound(sound)).toBe(true);
  expect(isSound({ ...sound, quiet: false })).toBe(false);
  expect(isSound({ ...sound, quiescentMs: QUIET_WITHIN_MS })).toBe(true);
  expect(isSound({ ...sound, quiescentMs: QUIET_WITHIN_MS + 1 })).toBe(false);
  expect(isSound({ ...sound, provider: { ...sound.provider, badTaken: 1 } })).toBe(false);
  expect(isSound({ ...sound, broken: ['I1'] })).toBe(false);
  expect(isSound({ ...sound, replayMismatches: 1 })).toBe(false);
  expect(isSound({ ...sound, tally: { ...tally, mismatches: [['a', 'b']] } })).toBe(false);
});
