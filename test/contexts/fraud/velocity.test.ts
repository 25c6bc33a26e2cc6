import { randomUUID } from 'node:crypto';
import { assessOrder, DEFAULT_RULES, scoreByRules, type Scorer, type Signals } from '../../../src/contexts/fraud';
import type { Velocity } from '../../../src/contexts/fraud/rules';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let scratch: TestDatabase;
beforeAll(async () => {
  scratch = await createTestDatabase();
});
afterAll(() => scratch.drop());

const signals = (email: string | null, street: string): Signals => ({
  orderId: `ord_${randomUUID()}`,
  amount: { amount: 1999, currency: 'GBP' },
  email,
  destination: { lines: [street], city: 'London', postcode: 'W1', country: 'GB' },
  billingCountry: null,
});

/** What each of these orders, assessed at the same moment, sees of the others. */
async function atOnce(orders: readonly Signals[]): Promise<Velocity[]> {
  const seen: Velocity[] = [];
  const scorer: Scorer = (order, velocity) => {
    seen.push(velocity);
    return scoreByRules(DEFAULT_RULES)(order, velocity);
  };
  const { database } = scratch;
  await Promise.all(
    orders.map((order) =>
      database.transaction(async (client) => {
        await assessOrder(client, order, scorer);
        // A commit takes its time: until then nobody else sees the order.
        await client.query('select pg_sleep(0.02)');
      }),
    ),
  );
  return seen;
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('orders of one customer at the same moment are counted one after the other', async () => {
  const email = `${randomUUID()}@example.org`;
  const seen = await atOnce(upTo(12).map((n) => signals(email, `${n} ${randomUUID()}`)));
  expect(seen.map(({ ofCustomer }) => ofCustomer).sort((a, b) => a - b)).toEqual(upTo(12));
  expect(seen.map(({ toDestination }) => toDestination)).toEqual(upTo(12).map(() => 0));
});

test('orders without an address of e-mail to one place at the same moment are too', async () => {
  const street = randomUUID();
  const seen = await atOnce(upTo(8).map(() => signals(null, street)));
  expect(seen.map(({ toDestination }) => toDestination).sort((a, b) => a - b)).toEqual(upTo(8));
});

test('customers who send each to all the others’ places wait for each other, and never in a circle', async () => {
  const emails = upTo(4).map(() => `${randomUUID()}@example.org`);
  const streets = upTo(4).map(() => randomUUID());
  const orders = emails.flatMap((email) => streets.map((street) => signals(email, street)));
  const seen = await atOnce([...orders, ...orders.map((order) => ({ ...order, orderId: `ord_${randomUUID()}` }))]);
  expect(seen).toHaveLength(32);
  expect(seen.filter(({ ofCustomer }) => ofCustomer === 7)).toHaveLength(4);
  expect(seen.filter(({ toDestination }) => toDestination === 7)).toHaveLength(4);
});
