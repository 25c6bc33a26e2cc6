import fc from 'fast-check';
import {
  afterAuthorisation,
  holdSeconds,
  isSettled,
  mayCancel,
  ORDER_ACTIONS,
  ORDER_STATES,
  PATIENCE_SECONDS,
  paymentSeconds,
  REVIEW_SECONDS,
  transitionOf,
  undoOf,
  type OrderAction,
  type OrderState,
  type Paid,
} from '../../../src/contexts/orders/rules';

const action = fc.constantFrom(...ORDER_ACTIONS);
const actions = fc.array(action, { maxLength: 30 });

/** Where an order comes by these actions, those that are not possible left out. */
function walk(list: readonly OrderAction[], from: OrderState = 'pending'): OrderState[] {
  const visited: OrderState[] = [from];
  for (const one of list) {
    const to = transitionOf(visited.at(-1) as OrderState, one);
    if (to && to !== 'already so') visited.push(to);
  }
  return visited;
}

describe('the state machine of an order', () => {
  test('never leaves an end: what is dispatched or cancelled stays so', () => {
    fc.assert(
      fc.property(actions, (list) => {
        for (const end of ['dispatched', 'cancelled'] as const) expect(walk(list, end)).toEqual([end]);
      }),
      { seed: 1 },
    );
  });

  test('reaches "dispatched" only through "confirmed" and "dispatching", and "cancelled" only through "cancelling"', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const path = walk(list);
        if (path.includes('dispatched')) expect(path.slice(-3)).toEqual(['confirmed', 'dispatching', 'dispatched']);
        if (path.includes('cancelled')) expect(path.at(-2)).toBe('cancelling');
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });

  test('confirms nothing that is being cancelled, and nothing that a person still has to decide about', () => {
    fc.assert(
      fc.property(fc.constantFrom('in-review', 'cancelling', 'cancelled', 'dispatched' as const), (state) => {
        expect(transitionOf(state as OrderState, 'confirm')).not.toBe('confirmed');
      }),
      { seed: 1 },
    );
  });

  test('does an action once: doing it again where it led is done already', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ORDER_STATES), action, (state, one) => {
        const to = transitionOf(state, one);
        // "pass" leads back to where it is not possible: a review is decided once.
        if (to && to !== 'already so' && one !== 'pass') expect(transitionOf(to, one)).toBe('already so');
      }),
      { seed: 1 },
    );
  });

  test('lets every order that is not dispatched come to an end', () => {
    for (const state of ORDER_STATES) {
      const reachable = new Set([state]);
      for (let grown = true; grown;) {
        grown = false;
        for (const from of [...reachable])
          for (const one of ORDER_ACTIONS) {
            const to = transitionOf(from, one);
            if (to && to !== 'already so' && !reachable.has(to)) grown = Boolean(reachable.add(to));
          }
      }
      expect([...reachable].some((one) => one === 'cancelled' || one === 'dispatched')).toBe(true);
    }
  });

  test('a person may cancel exactly what is not on its way, and what settles is what nobody works on', () => {
    expect(ORDER_STATES.filter(mayCancel)).toEqual(['pending', 'in-review', 'confirmed', 'cancelling', 'cancelled']);
    expect(ORDER_STATES.filter(isSettled)).toEqual(['in-review', 'confirmed', 'dispatched', 'cancelled']);
  });
});

describe('what becomes of a payment', () => {
  test('the order goes on only with money that is promised or taken', () => {
    expect(['authorised', 'captured'].map((status) => afterAuthorisation(status as Paid['status']))).toEqual([
      'go on',
      'go on',
    ]);
    expect(['declined', 'voided'].map((status) => afterAuthorisation(status as Paid['status']))).toEqual([
      'turn back',
      'turn back',
    ]);
    expect(['created', 'pending'].map((status) => afterAuthorisation(status as Paid['status']))).toEqual([
      'wait',
      'wait',
    ]);
  });

  /** A provider that does what it is asked for, as its books see it. */
  const provider = (paid: Paid, left: ReturnType<typeof undoOf>, authorised: Paid): Paid => {
    if (left === 'find out') return authorised;
    if (left === 'void') return { ...paid, status: paid.status === 'captured' ? 'captured' : 'voided' };
    return { ...paid, refunded: paid.captured };
  };

  test('undoing ends, and with nothing at the provider, wherever it begins and whatever is found out', () => {
    const captured = fc.integer({ min: 1, max: 1_000 });
    const payment: fc.Arbitrary<Paid> = fc.oneof(
      fc.constantFrom('created', 'pending', 'authorised', 'voided', 'declined' as const).map((status) => ({
        status: status as Paid['status'],
        captured: 0,
        refunded: 0,
      })),
      captured.chain((amount) =>
        fc.nat(amount).map((refunded) => ({ status: 'captured' as const, captured: amount, refunded })),
      ),
    );
    fc.assert(
      fc.property(payment, payment, (start, found) => {
        let paid = start;
        // What is found out is never that nothing is known.
        const known: Paid = found.status === 'created' ? { ...found, status: 'declined' } : found;
        for (let steps = 0; undoOf(paid, true) !== 'nothing'; steps++) {
          expect(steps).toBeLessThan(4);
          paid = provider(paid, undoOf(paid, true), known);
        }
        expect(['authorised', 'pending', 'created']).not.toContain(paid.status);
        expect(paid.captured).toBe(paid.refunded);
      }),
      { seed: 1 },
    );
  });

  test('what was never asked for needs no undoing', () => {
    expect(undoOf({ status: 'created', captured: 0, refunded: 0 }, false)).toBe('nothing');
  });
});

test('stock is held for longer than a review, a payment and the patience of a saga take together', () => {
  for (const method of ['card', 'upi', 'pix', 'sepa_debit'])
    expect(holdSeconds(method)).toBeGreaterThan(REVIEW_SECONDS + paymentSeconds(method) + 2 * PATIENCE_SECONDS);
});
