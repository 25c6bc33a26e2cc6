import Stripe from 'stripe';
import { createStripeGateway } from '../../../src/contexts/payments';

const SECRET_KEY = 'sk_test_of_these_tests';
const WEBHOOK_SECRET = 'whsec_of_these_tests';
const NOW = Date.now();
const gateway = createStripeGateway({
  secretKey: SECRET_KEY,
  webhookSecret: WEBHOOK_SECRET,
  clock: { now: () => NOW },
});

describe('a webhook of Stripe', () => {
  const stripe = new Stripe(SECRET_KEY);
  const intent = {
    id: 'pi_1',
    object: 'payment_intent',
    amount: 1999,
    amount_received: 1999,
    currency: 'gbp',
    status: 'succeeded',
    latest_charge: 'ch_1',
    last_payment_error: null,
    metadata: { key: 'ord_1:authorise:1' },
  };
  const event = (object: object) => ({
    id: 'evt_1',
    object: 'event',
    type: 'payment_intent.succeeded',
    created: Math.floor(NOW / 1000),
    data: { object },
  });
  const verify = (object: object, { ageSeconds = 0, secret = WEBHOOK_SECRET, cut = 0 } = {}) => {
    const payload = JSON.stringify(event(object));
    const timestamp = Math.floor(NOW / 1000) - ageSeconds;
    const header = stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    const body = Buffer.from(payload);
    return gateway.verifyWebhook(body.subarray(0, body.length - cut), { 'stripe-signature': header });
  };

  test('says what became of a payment', () => {
    expect(verify(intent)).toMatchObject({
      id: 'evt_1',
      providerId: 'pi_1',
      key: 'ord_1:authorise:1',
      payment: { status: 'captured', captured: 1999, amount: { amount: 1999, currency: 'GBP' } },
      refund: undefined,
    });
  });

  test.each([
    ['warning_needs_response', 'inquiry'],
    ['warning_closed', 'closed'],
    ['needs_response', 'open'],
    ['under_review', 'open'],
    ['won', 'won'],
    ['lost', 'lost'],
    ['a status of tomorrow', 'inquiry'],
  ])('says how a dispute stands: %s is %s', (status, ours) => {
    const dispute = {
      id: 'dp_1',
      object: 'dispute',
      payment_intent: 'pi_1',
      amount: 500,
      currency: 'isk',
      reason: 'product_not_received',
      evidence_details: { due_by: 1_900_000_000 },
      status,
    };
    expect(verify(dispute)).toMatchObject({
      providerId: 'pi_1',
      payment: undefined,
      dispute: {
        id: 'dp_1',
        status: ours,
        // Stripe counts the Icelandic króna in hundredths.
        amount: { amount: 5, currency: 'ISK' },
        reason: 'product_not_received',
        respondBy: new Date('2030-03-17T17:46:40.000Z'),
      },
    });
  });

  test('says what became of a refund', () => {
    const refund = {
      id: 're_1',
      object: 'refund',
      payment_intent: 'pi_1',
      status: 'failed',
      failure_reason: 'declined',
    };
    expect(verify({ ...refund, metadata: { refundId: 'rfd_1' } })).toMatchObject({
      providerId: 'pi_1',
      payment: undefined,
      refund: { id: 'rfd_1', status: 'failed', failureCode: 'declined' },
    });
  });

  test('about something else is about no payment', () => {
    expect(verify({ id: 'cus_1', object: 'customer' })).toMatchObject({ providerId: undefined, payment: undefined });
  });

  test.each([
    ['signed by somebody else', { secret: 'whsec_other' }],
    ['of more than five minutes ago', { ageSeconds: 301 }],
    ['of the future', { ageSeconds: -301 }],
    ['without its last byte', { cut: 1 }],
  ])('%s is refused', (_what, change) => {
    expect(() => verify(intent, change)).toThrow(expect.objectContaining({ code: 'webhook-signature-invalid' }));
  });

  test('without a signature is refused', () => {
    expect(() => gateway.verifyWebhook(Buffer.from('{}'), {})).toThrow(
      expect.objectContaining({ code: 'webhook-signature-invalid' }),
    );
  });

  test('five minutes old is taken', () => {
    expect(verify(intent, { ageSeconds: 300 }).id).toBe('evt_1');
  });
});
