import fc from 'fast-check';
import type { BookedPayment } from '../../../src/contexts/payments/gateway';
import { methodsFor, PAYMENT_METHODS, type PaymentMethod } from '../../../src/contexts/payments/methods';
import { compareBooks, type OwnPayment } from '../../../src/contexts/payments/reconciliation-rules';
import type { NextAction } from '../../../src/contexts/payments/next-action';
import {
  advance,
  advanceRefund,
  captureTransaction,
  PaymentMismatch,
  refundTransaction,
  type PaymentState,
} from '../../../src/contexts/payments/rules';

type Result = Parameters<typeof advance>[1];
const PAY: NextAction = { type: 'redirect', url: 'https://bank.example/act', expiresAt: null };
const AMOUNT = 10_000;

/** What a provider can live through, in order. */
const histories: readonly (readonly Result['status'][])[] = [
  ['authorised', 'captured'],
  ['authorised', 'voided'],
  ['pending', 'authorised', 'captured'],
  ['pending', 'authorised', 'voided'],
  ['pending', 'captured'],
  ['pending', 'declined'],
  ['pending', 'voided'],
  ['declined'],
  ['captured'],
];
const created: PaymentState = {
  status: 'created',
  amount: AMOUNT,
  authorised: 0,
  captured: 0,
  nextAction: null,
  actionDone: false,
};

const told = fc.constantFrom(...histories).chain((history) =>
  fc.integer({ min: 1, max: AMOUNT }).chain((taken) => {
    const results = history.map((status): Result => ({
      status,
      captured: status === 'captured' ? taken : 0,
      nextAction: null,
    }));
    // Each arrives at least once, some several times, in any order.
    const arrivals = fc
      .array(fc.nat(results.length - 1), { maxLength: 8 })
      .chain((more) => fc.shuffledSubarray([...results.keys(), ...more], { minLength: results.length + more.length }));
    return arrivals.map((order) => ({ results, arrived: order.map((index) => results[index]!) }));
  }),
);

const ORDER = ['created', 'pending', 'authorised', 'captured'];

describe('a payment', () => {
  test('ends as the provider has it, in whatever order and however often its results arrive', () => {
    fc.assert(
      fc.property(told, ({ results, arrived }) => {
        let state = created;
        const steps: string[] = [];
        let taken = 0;
        for (const result of arrived) {
          const change = advance(state, result);
          if (!change) continue;
          // Only forward.
          expect(ORDER.indexOf(state.status)).toBeGreaterThanOrEqual(0);
          if (ORDER.includes(change.state.status))
            expect(ORDER.indexOf(change.state.status)).toBeGreaterThan(ORDER.indexOf(state.status));
          state = change.state;
          steps.push(...change.steps);
          taken += change.capturedNow;
          expect(0 <= state.captured && state.captured <= state.authorised && state.authorised <= state.amount).toBe(
            true,
          );
        }
        const last = results.at(-1)!;
        expect([state.status, state.captured, taken]).toEqual([last.status, last.captured, last.captured]);
        // Each step is told once, and nobody hears of a capture without its authorisation.
        expect(new Set(steps).size).toBe(steps.length);
        if (steps.includes('captured')) expect(steps.indexOf('authorised')).toBe(steps.indexOf('captured') - 1);
      }),
      { seed: 31, numRuns: 2_000 },
    );
  });

  test('asks the payer to act until it is done, and never again, however late the news of it come', () => {
    const news: Result[] = [
      { status: 'pending', captured: 0, nextAction: PAY },
      { status: 'pending', captured: 0, nextAction: null },
      { status: 'authorised', captured: 0, nextAction: null },
    ];
    const order = fc.array(fc.nat(2), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(order, (arrived) => {
        let state = created;
        let asked = false;
        for (const index of arrived) {
          const before = state;
          const change = advance(state, news[index]!);
          state = change?.state ?? state;
          if (change) expect(change.steps).toEqual([state.status]);
          if (state.nextAction) expect(state.status).toBe('pending');
          if (before.actionDone) expect(state.nextAction).toBeNull();
          if (asked && state.nextAction === null) expect(state.actionDone).toBe(true);
          asked ||= state.nextAction !== null;
        }
        // The first news of it is shown, where it is the first of all.
        if (arrived[0] === 0) expect(asked).toBe(true);
      }),
      { seed: 33, numRuns: 1_000 },
    );
    const waiting = advance(created, news[0]!)!.state;
    expect(waiting.nextAction).toEqual(PAY);
    const { url, type } = PAY;
    expect(advance(waiting, { ...news[0]!, nextAction: { expiresAt: null, url, type } as NextAction })).toBeUndefined();
  });

  test('is never captured for more than was agreed', () => {
    for (const captured of [AMOUNT + 1, 0, -1, 0.5, Number.NaN])
      expect(() => advance(created, { status: 'captured', captured, nextAction: null })).toThrow(PaymentMismatch);
  });
});

test('a refund ends once, and stays as it ended', () => {
  const statuses = ['pending', 'succeeded', 'failed'] as const;
  for (const from of statuses)
    for (const to of statuses)
      expect(advanceRefund(from, to)).toBe(from === 'pending' && to !== 'pending' ? to : undefined);
});

test('every ledger transaction sums to nothing, and captures less refunds are what the provider owes us', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), fc.array(fc.integer({ min: 1, max: 1e9 })), (captured, refunds) => {
      const transactions = [
        captureTransaction(captured, 'EUR'),
        ...refunds.map((amount, index) => refundTransaction(`rfd_${index}`, amount, 'EUR')),
      ];
      for (const { entries } of transactions) expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
      const owed = transactions
        .flatMap(({ entries }) => entries)
        .reduce((sum, { account, amount }) => (account === 'provider_clearing' ? sum + amount : sum), 0);
      expect(owed).toBe(refunds.reduce((left, amount) => left - amount, captured));
    }),
    { seed: 32, numRuns: 300 },
  );
});

describe('comparing books', () => {
  const own: OwnPayment = {
    id: 'pay_1',
    orderId: 'ord_1',
    attempt: 1,
    providerId: 'sbx_1',
    status: 'captured',
    amount: 500,
    currency: 'EUR',
    captured: 500,
    refunded: 100,
    disputed: 0,
    refundPending: 0,
  };
  const booked: BookedPayment = {
    providerId: 'sbx_1',
    key: 'ord_1:authorise:1',
    status: 'captured',
    amount: { amount: 500, currency: 'EUR' },
    captured: 500,
    refunded: 100,
    declineCode: null,
    nextAction: null,
    disputed: 0,
    updatedAt: new Date(0),
  };
  const kinds = (ours: OwnPayment | undefined, theirs: BookedPayment): string[] =>
    compareBooks(ours, theirs).map(({ kind }) => kind);

  test('finds nothing where they agree', () => {
    expect(compareBooks(own, booked)).toEqual([]);
  });

  test.each([
    ['an amount', { amount: { amount: 501, currency: 'EUR' } }, ['amount-differs']],
    ['a capture', { captured: 499 }, ['captured-differs']],
    ['a refund', { refunded: 0 }, ['refunded-differs']],
    ['a key', { key: 'ord_1:authorise:2' }, ['key-differs']],
    ['a dispute', { disputed: 500 }, ['disputed-differs']],
    ['a status', { status: 'authorised' }, ['status-differs']],
    [
      'a currency',
      { amount: { amount: 500, currency: 'USD' } },
      ['amount-differs', 'captured-differs', 'refunded-differs', 'disputed-differs'],
    ],
  ] as const)('finds %s that differs', (_what, change, expected) => {
    expect(kinds(own, { ...booked, ...change })).toEqual(expected);
  });

  test('leaves refunds alone while one is under way', () => {
    expect(kinds({ ...own, refundPending: 50 }, { ...booked, refunded: 150 })).toEqual([]);
    expect(kinds({ ...own, refundPending: 50 }, { ...booked, captured: 1 })).toEqual(['captured-differs']);
  });

  test('finds a second charge for the same attempt, unless nobody has money of it', () => {
    const second = { ...booked, providerId: 'sbx_2' };
    expect(compareBooks(own, second)).toMatchObject([
      { kind: 'second-charge', paymentId: 'pay_1', providerId: 'sbx_2' },
    ]);
    expect(kinds(own, { ...second, status: 'voided', captured: 0 })).toEqual([]);
    expect(kinds({ ...own, providerId: null }, second)).toEqual([]);
  });

  test('finds what only the provider has, unless nobody has money of it', () => {
    expect(kinds(undefined, booked)).toEqual(['missing-here']);
    expect(kinds(undefined, { ...booked, status: 'declined', captured: 0 })).toEqual([]);
  });
});

test('each way to pay is offered where it is used', () => {
  const methods = (
    country: string,
    currency: string,
    possible = PAYMENT_METHODS as readonly PaymentMethod[],
  ): string[] => methodsFor(country, currency, possible).map(({ method }) => method);
  expect(methods('IN', 'INR')).toEqual(['card', 'upi']);
  expect(methods('BR', 'BRL')).toEqual(['card', 'pix']);
  expect(methods('DE', 'EUR')).toEqual(['card', 'sepa_debit']);
  expect(methods('GB', 'EUR')).toEqual(['card']);
  expect(methods('IN', 'EUR')).toEqual(['card']);
  // And where the provider can carry it out.
  expect(methods('IN', 'INR', ['card', 'sepa_debit'])).toEqual(['card']);
});
