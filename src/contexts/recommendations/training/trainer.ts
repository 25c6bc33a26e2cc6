import type { Clock } from '../../../kernel/clock';
import type { Database } from '../../../platform/database';
import type { Log } from '../../../platform/log';
import { runLoop, type Loop } from '../../../platform/loop';
import type { ProductTable } from '../product-table';
import { DEFAULT_SETTINGS } from '../settings';
import * as store from '../store/models';
import type { SourceInteraction } from '../types';
import { trainInProcess } from './process';
import { Untrainable, type Progress } from './training';

export interface TrainerOptions {
  readonly database: Database;
  /** The program of the process that trains: see trainInProcess. */
  readonly program: string;
  /** Where this machine keeps the files of models. */
  readonly folder: string;
  readonly table: () => ProductTable;
  readonly interactions: () => AsyncIterable<SourceInteraction>;
  readonly log: Log;
  readonly clock: Clock;
  /** Hours between two trainings by themselves; 0 for none. */
  readonly everyHours: number;
  /** How long a worker may be silent before another takes its training over. Default 30 s. */
  readonly leaseMs?: number;
  readonly idleMs?: number;
  /** Told when a version has become active here. */
  readonly onActivated: () => void;
  /** Told how far a training is. */
  readonly onProgress?: (progress: Progress) => void;
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
}

/**
 * Has trained what was asked for, and asks by itself when it is time: any number of processes of the shop may run one, and one of
 * them has a process of its own train. The lease is renewed while that does; whoever dies loses it, and another begins anew.
 */
export function startTrainer(options: TrainerOptions): Trainer {
  const { program, folder, log, clock, leaseMs = LEASE_MS, idleMs = IDLE_MS, onProgress } = options;
  const { pool, url: databaseUrl } = options.database;
  let lookedAt = -Infinity;
  let lastSeconds: number | undefined;

  const askByItself = async (): Promise<void> => {
    if (options.everyHours === 0) return;
    const age = await store.secondsSinceLast(pool);
    if (age !== undefined && age < options.everyHours * 3_600) return;
    if (clock.now() - lookedAt < LOOK_AGAIN_MS) return;
    lookedAt = clock.now();
    if (await isEnough(options)) await store.insertModel(pool, 'schedule', {});
  };

  const work = async (claim: store.Claim, closing: AbortSignal): Promise<void> => {
    const overtaken = new AbortController();
    const signal = AbortSignal.any([closing, overtaken.signal]);
    let progress: Progress = { phase: 'starting', done: 0, total: null };
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
      const order = { databaseUrl, folder, claim };
      const outcome = await trainInProcess(order, {
        ...{ program, log, signal },
        onProgress: (made) => {
          progress = made;
          onProgress?.(made);
        },
      });
      lastSeconds = (clock.now() - began) / 1_000;
      log.info({ version: claim.version, outcome, seconds: lastSeconds }, 'Trained a model of recommendations');
      if (outcome === 'active') options.onActivated();
    } catch (error) {
      if (closing.aborted) return await store.releaseLease(pool, claim);
      if (overtaken.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Untrainable) && claim.attempts < MOST_ATTEMPTS) {
        await store.releaseLease(pool, claim, `Attempt ${claim.attempts} of ${MOST_ATTEMPTS} failed: ${why}`);
        throw error;
      }
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
  return { ...loop, lastSeconds: () => lastSeconds };
}

/** Whether there are as many interactions with products of the catalogue as a first training wants. */
async function isEnough({ interactions, table }: Pick<TrainerOptions, 'interactions' | 'table'>): Promise<boolean> {
  let found = 0;
  for await (const { product, kind } of interactions()) {
    const row = 'id' in product ? table().rowOf(product.id) : table().rowOfSku(product.sku);
    if (row !== undefined && DEFAULT_SETTINGS.events[kind] > 0 && ++found >= LEAST_TO_START) return true;
  }
  return false;
}
