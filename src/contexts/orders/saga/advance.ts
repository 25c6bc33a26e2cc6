import type pg from 'pg';
import { Problem } from '../../../kernel/errors';
import { atCommit, type Database } from '../../../platform/database';
import { backoffMs } from '../../../platform/loop';
import { GatewayRefused } from '../../payments';
import { BACKOFF, PATIENCE_SECONDS, REFUSALS, type Step } from '../rules';
import * as store from '../store/sagas';
import type { Saga } from '../store/sagas';
import { moveOrder } from '../transitions';
import { STEP_DEFINITIONS, type Outcome, type StepContext } from './steps';

/** Another worker has taken the saga over: whatever this one wanted to write is not written. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** How a step ended: the saga as it goes on under the same lease, or that it rests. */
export type Advanced = { readonly next: Saga } | { readonly rests: true; readonly error?: string };

/** The provider has as long as the lease lasts, less the time to write down what it said. */
const CALL_MS = (store.LEASE_SECONDS - 0.5) * 1000;

/**
 * Does the present step of a saga that this worker has claimed. Throws Superseded when another has claimed it since, and whatever
 * the step threw: then nothing of it is written. With `through`, the steps that follow and need nothing but our own database are done
 * in the same transaction: all of them or none.
 */
export async function advanceSaga(
  database: Pick<Database, 'transaction'>,
  context: StepContext,
  saga: Saga,
  { through = false }: { readonly through?: boolean } = {},
): Promise<Advanced> {
  const definition = STEP_DEFINITIONS[saga.step];
  const called = definition.call
    ? await definition.call(context, saga, AbortSignal.timeout(CALL_MS))
    : { payment: undefined };
  return database.transaction(async (client) => {
    const held = await store.holdSaga(client, saga.id, saga.fence);
    if (!held) throw new Superseded(`${saga.id} is no longer ours`);
    await definition.record?.(context, client, held, called);
    // Somebody has cancelled the order during the call: what it ended in is recorded, and undone from here.
    const turned = held.step !== saga.step || held.direction !== saga.direction;
    if (turned) return { next: await store.goTo(client, held.id, { ...held, paying: false }) };
    let [at, outcome] = [held, await definition.decide(context, client, held, called)];
    while (through && typeof outcome === 'object' && 'to' in outcome && LOCAL_STEPS.has(outcome.to)) {
      at = { ...at, step: outcome.to, attempts: 1 };
      outcome = await STEP_DEFINITIONS[at.step].decide(context, client, at, { payment: undefined });
    }
    return follow(client, at, outcome);
  });
}

/** Steps that call nobody, and neither wait nor ask to be tried again. */
const LOCAL_STEPS: ReadonlySet<Step> = new Set(['commit', 'confirm', 'complete', 'release', 'cancel']);

async function follow(client: pg.PoolClient, saga: Saga, outcome: Outcome): Promise<Advanced> {
  if (outcome === 'done') {
    await atCommit(client, store.finish, [saga]);
    return { rests: true };
  }
  if ('turnBack' in outcome) return { next: await turnBack(client, saga, outcome.turnBack) };
  if ('waitFor' in outcome) {
    await store.rest(client, saga.id, outcome.waitFor, outcome.seconds);
    return { rests: true };
  }
  if ('again' in outcome) {
    await store.postpone(client, saga, postponement(saga, outcome.again));
    return { rests: true, error: outcome.again };
  }
  const { id, direction } = saga;
  // Written down before the provider is asked: whoever undoes the order must know that it may have been.
  return { next: await store.goTo(client, id, { step: outcome.to, direction, paying: outcome.to === 'authorise' }) };
}

/** Takes the order back: the first thing to undo is the payment. */
async function turnBack(client: pg.PoolClient, saga: Saga, reason: string): Promise<Saga> {
  await moveOrder(client, saga.orderId, 'cancel', { reason, actor: 'saga' });
  return store.goTo(client, saga.id, { step: 'undo-payment', direction: 'back', paying: false });
}

/**
 * What follows from a step that threw. A refusal, a few times in a row, takes an order back; everything else (the provider is
 * silent, the database away, a mistake of ours) is tried again with the same key until a person looks at it, and even then.
 */
export async function recoverSaga(
  database: Pick<Database, 'transaction' | 'pool'>,
  saga: Saga,
  error: unknown,
): Promise<void> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const refused = error instanceof GatewayRefused || (error instanceof Problem && error.status < 500);
  if (refused && saga.kind === 'checkout' && saga.direction === 'forward' && saga.refusals + 1 >= REFUSALS) {
    await database.transaction(async (client) => {
      const held = await store.holdSaga(client, saga.id, saga.fence);
      if (!held) return;
      const after = held.direction === 'forward' ? await turnBack(client, held, `${saga.step}-refused`) : saga;
      await store.postpone(client, after, { pauseMs: 0, error: text, manual: false });
    });
    return;
  }
  await store.postpone(database.pool, saga, { ...postponement(saga, text), refused });
}

function postponement(saga: Saga, error: string): store.Postponement {
  return { pauseMs: backoffMs(saga.attempts, BACKOFF), error, manual: saga.stepAge > PATIENCE_SECONDS };
}
