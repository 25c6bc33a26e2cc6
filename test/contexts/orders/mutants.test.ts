import { randomUUID } from 'node:crypto';
import { keyOf } from '../../../src/contexts/payments/gateway';
import { atCommit } from '../../../src/platform/database';
import * as events from '../../../src/platform/outbox/events';
import { drill, mutateStatement, type Mutant } from '../../support/mutants';
import { openByHand, type ByHand } from './by-hand';
import {
  dyingWorkerTellsNobody,
  lostAnswerIsFound,
  refusedCommitTellsNobody,
  zombiePutsNothingOff,
  zombieWritesNothing,
} from './guards';

/** C13 for orders: a guard that is taken out of the saga or the checkout is missed. */

// An object of its own, so that a function in it can be exchanged.
jest.mock('../../../src/platform/outbox/events', () => ({
  __esModule: true,
  ...jest.requireActual<typeof events>('../../../src/platform/outbox/events'),
}));

let current: ByHand | undefined;
const close = async (): Promise<void> => {
  const hand = current;
  current = undefined;
  await hand?.shop.close();
};
afterAll(close);

/** In a shop in which nothing is broken: one that a mutant was in is not used again. */
const inShop = (test: (hand: ByHand) => Promise<void>) => async (): Promise<void> => {
  current ??= await openByHand();
  try {
    await test(current);
  } catch (error) {
    await close();
    throw error;
  }
};

/** Another way to write events down. */
function appending(otherwise: typeof events.appendAtCommit): Mutant {
  const spy = jest.spyOn(events, 'appendAtCommit').mockImplementation(otherwise);
  return { used: () => spy.mock.calls.length, restore: () => spy.mockRestore() };
}

/** On a connection of its own, which commits by itself. */
async function appendElsewhere(list: readonly events.OutboxEvent[]): Promise<void> {
  const client = await current!.shop.pool.connect();
  try {
    await events.appendEvents(client, list);
  } finally {
    client.release();
  }
}

const atOnce = (): Mutant => appending((_client, list) => appendElsewhere(list));

describe('C13: the fence of a lease', () => {
  drill({
    holds: 'a worker that was frozen past its lease writes nothing when another has finished the saga meanwhile',
    test: inShop(zombieWritesNothing),
    mutants: {
      'a saga is held without its fence': {
        make: () => mutateStatement('orders-saga-hold', ['and s.fence = $2', 'and $2::int is not null']),
        failsWith: /lease_until/,
      },
    },
  });

  drill({
    holds: 'a worker that gives a step up too late does not put off what another has taken over',
    test: inShop(zombiePutsNothingOff),
    mutants: {
      'a step is put off without its fence': {
        make: () => mutateStatement('orders-saga-postpone', ['and fence = $2', 'and $2::int is not null']),
        failsWith: /lease_until/,
      },
    },
  });
});

describe('C13: the key of a payment', () => {
  drill({
    holds: 'a charge whose answer was lost is found, and not made again',
    test: inShop(lostAnswerIsFound),
    mutants: {
      'each call has a key of chance': {
        make: () => {
          const spy = jest.spyOn(keyOf, 'authorise').mockImplementation(() => randomUUID());
          return { used: () => spy.mock.calls.length, restore: () => spy.mockRestore() };
        },
        failsWith: /I1 the provider has 2 payments of ord_/,
      },
    },
  });
});

describe('C13: events in the transaction of what they tell', () => {
  drill({
    holds: 'a worker that dies before the commit of any step has told nobody anything',
    test: inShop(dyingWorkerTellsNobody),
    mutants: {
      'events are written at once, on another connection': { make: atOnce, failsWith: /"events": "\d+"/ },
      'events are written after the commit, which somebody does not live to see': {
        make: () => appending(() => Promise.resolve()),
        failsWith: /I7 an order's events are not its versions/,
      },
    },
  });

  drill({
    holds: 'a checkout whose commit the database refuses has told nobody anything',
    test: inShop(refusedCommitTellsNobody),
    mutants: {
      'events are written at once, on another connection': { make: atOnce, failsWith: /"events": "\d+"/ },
      'events are written with the commit, on another connection': {
        make: () => appending((client, list) => atCommit(client, (_, items) => appendElsewhere(items), list)),
        failsWith: /"events": "\d+"/,
      },
    },
  });
});
