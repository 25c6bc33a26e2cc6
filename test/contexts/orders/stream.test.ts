import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { OrderView } from '../../../src/contexts/orders';
import { streamOrder } from '../../../src/contexts/orders/stream';
import { OrderWatch } from '../../../src/contexts/orders/watch';

const amount = { amount: 1999, currency: 'GBP' };
const order = (version: number): OrderView => ({
  id: 'ord_1',
  state: 'pending',
  reason: null,
  quoteId: 'quo_1',
  reference: null,
  email: null,
  shippingAddress: { name: 'Ada', lines: ['1 Main Street'], city: 'London', postcode: 'W1', country: 'GB' },
  lines: [],
  subtotal: amount,
  discount: amount,
  tax: amount,
  total: amount,
  taxIncluded: true,
  payment: null,
  version,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
});

test('a customer who has gone before the order was read is not streamed to', async () => {
  const watch = new OrderWatch();
  let reads = 0;
  let tell = (): void => undefined;
  const streamed = new Promise<void>((resolve) => (tell = resolve));
  const server = express()
    .get('/', async (req, res) => {
      req.socket.destroy();
      await once(res, 'close');
      await streamOrder(req, res, order(1), { watch, read: () => Promise.resolve(order(++reads)) });
      tell();
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await expect(fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).rejects.toThrow('fetch failed');
    await streamed;
  } finally {
    server.close();
  }
  expect(reads).toBe(0);
});
