import type { Gateway, ProviderPayment, RefundedPayment } from '../../../src/contexts/payments';
import { GatewayRefused } from '../../../src/contexts/payments';
import { Books, type BookPayment } from '../../../src/sandbox-provider/books';
import { faultsSchema } from '../../../src/sandbox-provider/faults';
import * as operations from '../../../src/sandbox-provider/operations';

/** The sandbox provider's own operations and books, called in this process: for histories by the thousand, which no HTTP can carry. */
export interface NearProvider {
  readonly gateway: Gateway;
  books(): BookPayment[];
  /** What it has of the first payment of an order. */
  authorised(orderId: string): BookPayment | undefined;
}

const toPayment = (paid: BookPayment): ProviderPayment => ({
  providerId: paid.id,
  status: paid.status,
  amount: { amount: paid.amount, currency: paid.currency },
  captured: paid.captured,
  refunded: paid.refunded,
  declineCode: paid.declineCode,
  nextAction: paid.nextAction ?? null,
});

function toRefunded(paid: BookPayment, refundId: string): RefundedPayment | undefined {
  const refund = paid.refunds.find(({ id }) => id === refundId);
  return refund && { ...toPayment(paid), refund };
}

export function openNearProvider(): NearProvider {
  const books = new Books();
  const faults = faultsSchema.parse({});
  /** Once for each key, as over HTTP; a refusal of the provider is one of the gateway. */
  const perform = (key: string, asked: unknown, act: () => BookPayment): Promise<BookPayment> => {
    const hash = JSON.stringify(asked);
    const kept = books.answerTo(key);
    if (kept && kept.hash !== hash) return Promise.reject(new GatewayRefused('key_reused', key));
    if (kept) return Promise.resolve(kept.body as BookPayment);
    try {
      const after = act();
      books.save(after, { key, hash, status: 200, body: after });
      return Promise.resolve(after);
    } catch (error) {
      const refused = error instanceof operations.Refusal;
      return Promise.reject(refused ? new GatewayRefused(error.code, error.message) : error);
    }
  };
  const known = (id: string): BookPayment => {
    const payment = books.find(id);
    if (!payment) throw new operations.Refusal(404, 'payment_unknown', id);
    return payment;
  };
  const never = (): never => {
    throw new Error('no history asks for this');
  };
  const gateway: Gateway = {
    provider: 'sandbox',
    methods: ['card'],
    takes: () => true,
    authorise: async ({ key, amount, method, token, orderId }) => {
      const asked = { ...amount, method, token, reference: orderId };
      const moment = { faults, now: Date.now(), base: 'http://sandbox' };
      return toPayment(await perform(key, asked, () => operations.authorise(asked, key, moment)));
    },
    capture: async ({ key, providerId, amount }) =>
      toPayment(
        await perform(key, [providerId, amount], () =>
          operations.capture(known(providerId), amount.amount, { faults, now: Date.now() }),
        ),
      ),
    void: async ({ key, providerId }) =>
      toPayment(await perform(key, [providerId], () => operations.release(known(providerId), Date.now()))),
    refund: async ({ key, providerId, refundId, amount }) => {
      const wanted = { id: refundId, amount: amount.amount };
      const moment = { faults, now: Date.now(), base: 'http://sandbox' };
      const paid = await perform(key, wanted, () => operations.refund(known(providerId), wanted, moment));
      return toRefunded(paid, refundId) ?? never();
    },
    find: ({ key, providerId }) => {
      const paid = providerId === null ? books.findByKey(key) : books.find(providerId);
      return Promise.resolve(paid && toPayment(paid));
    },
    findRefund: ({ providerId, refundId }) => Promise.resolve(toRefunded(known(providerId), refundId)),
    verifyWebhook: never,
    books: never,
  };
  return {
    gateway,
    books: () => [...books.all()],
    authorised: (orderId) => books.findByKey(`${orderId}:authorise:1`),
  };
}
