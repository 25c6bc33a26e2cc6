import { eventually } from '../../support/app';
import { bearer, key, openShop, PATIENCE, type Buyer, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

const brazil = { country: 'BR', state: 'SP' };
const address = { name: 'Ana', lines: ['Rua 1'], city: 'São Paulo', postcode: '01000', country: 'BR', state: 'SP' };

/** An order whose payment is asked for, and will be disputed: each `settle` is the next step of it, none comes by itself. */
const disputed = async (end: 'won' | 'lost'): Promise<Buyer> => {
  await shop.sandbox.control({ faults: { pendingMs: 3_600_000 } });
  await shop.admin('POST', '/fx-snapshots', {
    base: 'GBP',
    source: 'test',
    takenOn: '2026-01-01',
    rates: { BRL: '7.5' },
  });
  const quoteId = await shop.quote([await shop.product(1)], 1, brazil);
  const token = `tok_dispute_${end}`;
  const { body } = await shop.checkout(shop.request(quoteId, { method: 'pix', token, shippingAddress: address }));
  await eventually(PATIENCE, async () => (await shop.sandbox.books()).some(({ status }) => status === 'pending'));
  await settle();
  await shop.reaches(body.order.id, 'confirmed');
  return { id: body.order.id, token: body.orderToken };
};
const settle = (): Promise<unknown> => shop.sandbox.control({ settle: true });
const dispute = async (buyer: Buyer) =>
  (await shop.ask('GET', `/v1/orders/${buyer.id}`, undefined, bearer(buyer))).body.payment.dispute;
const becomes = (buyer: Buyer, status: string): Promise<void> =>
  eventually(PATIENCE, async () => (await dispute(buyer))?.status === status);

test('an order says how a dispute of its payment stands, and keeps it in its history', async () => {
  const buyer = await disputed('lost');
  await settle();
  await becomes(buyer, 'open');
  await settle();
  await becomes(buyer, 'lost');
  expect(await dispute(buyer)).toMatchObject({ reason: 'fraudulent', amount: { currency: 'BRL' } });
  const { history } = (await shop.admin('GET', `/orders/${buyer.id}`)).body;
  const notes = (history as { action: string; reason: string }[]).filter(({ action }) => action === 'dispute');
  expect(notes.at(-1)?.reason).toMatch(/^lost: \d+\.\d\d BRL, fraudulent$/);
});

test('an order that is cancelled while its money is disputed gives back what the bank gives back, and nothing twice', async () => {
  const buyer = await disputed('won');
  await settle();
  await becomes(buyer, 'open');
  await shop.ask('POST', `/v1/orders/${buyer.id}/cancellation`, undefined, { ...bearer(buyer), ...key() });
  await settle();
  await becomes(buyer, 'won');
  await eventually(PATIENCE, async () => {
    await settle(); // the refund
    const [payment] = (await shop.admin('GET', `/orders/${buyer.id}`)).body.payments;
    return payment.refunded.amount === payment.captured.amount;
  });
  await shop.reaches(buyer.id, 'cancelled');
});
