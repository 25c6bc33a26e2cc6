import path from 'node:path';
import { systemClock, type Clock } from '../../kernel/clock';
import { Problem } from '../../kernel/errors';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import type { Follower, Outbox, PublishedEvent } from '../../platform/outbox';
import { answer, type Serving } from './answers';
import type { RecommendationQuery, RecommendationsAnswer } from './schemas';
import { CatalogueView } from './serving/catalogue-view';
import { Histories } from './serving/histories';
import { LiveModel } from './serving/live-model';
import { DEFAULT_SETTINGS } from './settings';
import { ModelFiles } from './training/model-files';
import { startTrainer, type Trainer } from './training/trainer';
import type { HeardEvent, Sources } from './types';
import { readSettings, type VersionedSettings } from './weights';

export interface RecommendationsOptions {
  readonly database: Database;
  readonly outbox: Pick<Outbox, 'follow' | 'positions'>;
  readonly sources: Sources;
  readonly log: Log;
  readonly clock?: Clock;
  /** Where this machine keeps the files of models. */
  readonly folder: string;
  /** The program of the process that trains, which ends up in serveTraining. Without an extension. */
  readonly program: string;
  /** Memory for histories and for what is alike. */
  readonly cacheBytes: number;
  readonly trainingHours: number;
  /** For tests: see the trainer. */
  readonly leaseMs?: number;
}

/** What recommendations do in this process. */
export interface Recommendations {
  /** Throws `not-ready` until the catalogue has been read. */
  answer(query: RecommendationQuery): Promise<RecommendationsAnswer>;
  /** Notes what a visitor did: the next answer knows it. */
  hear(visitorId: string, event: HeardEvent): void;
  ready(): boolean;
  whenReady(): Promise<void>;
  readonly view: CatalogueView;
  readonly live: LiveModel;
  readonly histories: Histories;
  readonly trainer: Trainer;
  readonly weights: Loop;
  /** Begins to follow the orders. */
  readonly orders: Loop;
  /** Answers given, and those of them that a model had a part in. */
  counts(): { readonly answers: number; readonly learnt: number };
  /** Reads weights and the active version now: another request has changed them. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const SETTINGS_MS = 5_000;
const READY_POLL_MS = 10;
/** Orders that are followed without a model. */
const FOLLOWED_MS = 30 * 86_400_000;

/** Starts to read the catalogue, to follow it and the orders, to load the active model and to train. */
export function startRecommendations(options: RecommendationsOptions): Recommendations {
  const { database, outbox, sources, log, clock = systemClock } = options;
  const folder = path.join(options.folder, 'recommendations');
  const files = new ModelFiles(database, folder);
  const cacheBytes = Math.max(1 << 20, Math.floor(options.cacheBytes / 2));
  const view = new CatalogueView({ ...sources, outbox, cacheBytes, clock, log });
  const live = new LiveModel({ database, files, clock, log });
  const histories = new Histories({ read: sources.visitor, cacheBytes, log });
  const orders = new OrderFollowing(outbox, sources, histories, clock, log);
  let settings: VersionedSettings = { version: 0, settings: DEFAULT_SETTINGS };
  const readWeights = async (): Promise<void> => {
    settings = await readSettings(database.pool);
  };
  const weights = runLoop({
    name: 'recommendations-weights',
    idleMs: SETTINGS_MS,
    clock,
    log,
    step: async () => {
      await readWeights();
      return false;
    },
  });
  const trainer = startTrainer({
    database,
    program: options.program,
    folder,
    table: () => view.table,
    interactions: sources.interactions,
    log,
    clock,
    everyHours: options.trainingHours,
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    onActivated: live.loop.wake,
  });
  const closing = new AbortController();
  const counts = { answers: 0, learnt: 0 };
  const serving: Serving = { view, live, histories, clock, settings: () => settings.settings, counts };
  return {
    answer: (query) => {
      if (!view.ready) throw new Problem('not-ready', 'The catalogue is still being read');
      return answer(serving, query);
    },
    hear: (visitorId, event) => histories.hear(visitorId, event),
    ready: () => view.ready,
    whenReady: async () => {
      while (!view.ready && !closing.signal.aborted) await clock.sleep(READY_POLL_MS, closing.signal);
    },
    view,
    live,
    histories,
    trainer,
    weights,
    orders: orders.loop,
    counts: () => ({ ...counts }),
    renew: async () => {
      live.loop.wake();
      trainer.wake();
      await readWeights();
    },
    close: async () => {
      closing.abort();
      await Promise.all([trainer.close(), view.close(), live.close(), weights.close(), orders.close()]);
      histories.close();
    },
  };
}

/** Follows the orders that are confirmed, so that what was bought counts at once. */
class OrderFollowing {
  readonly loop: Loop;
  #follower: Follower | undefined;

  constructor(
    outbox: RecommendationsOptions['outbox'],
    private readonly sources: Sources,
    private readonly histories: Histories,
    clock: Clock,
    log: Log,
  ) {
    this.loop = runLoop({
      name: 'recommendations-orders',
      idleMs: 60_000,
      clock,
      log,
      step: async () => {
        if (this.#follower) return false;
        const from = await outbox.positions();
        for await (const line of sources.boughtSince(clock.now() - FOLLOWED_MS)) histories.noteBought(line);
        this.#follower = outbox.follow({
          name: 'recommendations-orders',
          kind: 'order',
          from,
          onEvents: (events) => this.#note(events),
          // What was missed is in the next model.
          onBehind: () => outbox.positions(),
        });
        return false;
      },
    });
  }

  async close(): Promise<void> {
    await this.loop.close();
    await this.#follower?.close();
  }

  async #note(events: readonly PublishedEvent[]): Promise<void> {
    const confirmed = events.filter(({ type }) => type === this.sources.orderConfirmed).map(({ subject }) => subject);
    if (confirmed.length === 0) return;
    for (const line of await this.sources.boughtIn(confirmed)) this.histories.noteBought(line);
  }
}
