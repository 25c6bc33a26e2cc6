import { availableParallelism } from 'node:os';
import type { Clock } from '../../../kernel/clock';
import { runLoop, type Loop } from '../../../platform/loop';
import * as store from '../store/models';
import { gather } from './interactions';
import { trainVersion, Untrainable, type TrainingContext } from './train';
import { DEFAULT_SETTINGS } from '../settings';

export interface TrainerOptions extends TrainingContext {
  readonly clock: Clock;
  /** Hours between two trainings by themselves; 0 for none. */
  readonly everyHours: number;
  /** How long a worker may be silent before another takes its training over. Default 30 s. */
  readonly leaseMs?: number;
  readonly idleMs?: number;
  /** Told when a version has become active here. */
  readonly onActivated: () => void;
}

/** Fewer interactions are no taste: content and what sells do better. On demand a model is made of any. */
export const LEAST_TO_START = 1_000;
/** How often it is looked whether there is enough by now. */
const LOOK_AGAIN_MS = 10 * 60_000;
const LEASE_MS = 30_000;
const IDLE_MS = 2_000;
/** A training that failed so often, whatever the reason, is given up. */
const MOST_ATTEMPTS = 5;

export interface Trainer extends Loop {
  /** Seconds that the last training of this process took. */
  lastSeconds(): number | undefined;
  trained(): number;
}

/**
 * Trains what was asked for, and asks by itself when it is time: any number of processes may run one, and one of them trains. The
 * lease is renewed while it does; a process that dies loses it, and another begins anew.
 */
export function startTrainer(options: TrainerOptions): Trainer {
  const { database, log, clock, leaseMs = LEASE_MS, idleMs = IDLE_MS } = options;
  const { pool } = database;
  let lookedAt = -Infinity;
  let [lastSeconds, trained]: [number | undefined, number] = [undefined, 0];

  const askByItself = async (): Promise<void> => {
    if (options.everyHours === 0) return;
    const age = await store.secondsSinceLast(pool);
    if (age !== undefined && age < options.everyHours * 3_600) return;
    if (clock.now() - lookedAt < LOOK_AGAIN_MS) return;
    lookedAt = clock.now();
    const few = await gather(options.interactions(), options.table(), DEFAULT_SETTINGS, { most: LEAST_TO_START });
    if (few.count >= LEAST_TO_START) await store.insertModel(pool, 'schedule', {});
  };

  const work = async (claim: store.Claim, closing: AbortSignal): Promise<void> => {
    const overtaken = new AbortController();
    const signal = AbortSignal.any([closing, overtaken.signal]);
    let progress: { phase: string; done: number; total: number | null } = { phase: 'starting', done: 0, total: null };
    const renewing = new AbortController();
    const renew = async (): Promise<void> => {
      while (!renewing.signal.aborted) {
        await clock.sleep(leaseMs / 6, renewing.signal);
        if (renewing.signal.aborted) return;
        try {
          if (!(await store.renewLease(pool, claim, leaseMs, progress))) overtaken.abort(new Error('taken over'));
        } catch (error) {
          // The database is away for a moment: the lease outlives several renewals.
          log.warn({ version: claim.version, err: error }, 'The lease of a training could not be renewed');
        }
      }
    };
    const renewals = renew();
    const began = clock.now();
    try {
      const outcome = await trainVersion(options, claim, {
        cores: availableParallelism(),
        signal,
        tell: (phase, done, total) => (progress = { phase, done, total }),
      });
      trained++;
      lastSeconds = (clock.now() - began) / 1_000;
      if (outcome === 'active') options.onActivated();
    } catch (error) {
      if (closing.aborted) return await store.releaseLease(pool, claim);
      if (overtaken.signal.aborted) return;
      if (!(error instanceof Untrainable) && claim.attempts < MOST_ATTEMPTS) {
        await store.releaseLease(pool, claim);
        throw error;
      }
      const why = error instanceof Error ? error.message : String(error);
      await store.failTraining(pool, claim, why);
      log.warn({ version: claim.version, reason: why }, 'A model of recommendations could not be trained');
    } finally {
      renewing.abort();
      await renewals;
    }
  };

  const step = async (closing: AbortSignal): Promise<boolean> => {
    if (options.table().active === 0) return false;
    const claim = await store.claimTraining(pool, leaseMs);
    if (!claim) {
      await askByItself();
      return false;
    }
    await work(claim, closing);
    return true;
  };
  const loop = runLoop({ name: 'recommendations-training', step, idleMs, clock, log });
  return { ...loop, lastSeconds: () => lastSeconds, trained: () => trained };
}
