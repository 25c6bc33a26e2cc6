import type { AlsModel } from '../../../core';
import type { Clock } from '../../../kernel/clock';
import type { Database } from '../../../platform/database';
import type { Log } from '../../../platform/log';
import { runLoop, type Loop } from '../../../platform/loop';
import type { ModelView } from '../schemas';
import { findInState } from '../store/models';
import type { ModelFiles } from '../training/model-files';

/** How soon a version that another process made active answers here. */
const IDLE_MS = 5_000;

export interface Live {
  readonly version: number;
  /** ISO 8601. */
  readonly trainedAt: string;
  /** When the last interaction was that it learnt from, milliseconds since the epoch. */
  readonly until: number;
  readonly drift: ModelView['drift'];
  readonly model: AlsModel;
}

/** The active version, loaded: looked for every few seconds, so that every process comes to answer from it. */
export class LiveModel {
  readonly loop: Loop;
  #live: Live | undefined;

  constructor(options: {
    readonly database: Database;
    readonly files: ModelFiles;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    const { database, files, clock, log } = options;
    this.loop = runLoop({
      name: 'recommendations-model',
      idleMs: IDLE_MS,
      clock,
      log,
      step: async () => {
        const active = await findInState(database.pool, 'active');
        if (!active?.data || active.trainedAt === null || active.version === this.#live?.version) return false;
        const model = await files.load(active.version);
        const before = this.#live;
        const until = Date.parse(active.data.until);
        this.#live = { version: active.version, trainedAt: active.trainedAt, until, drift: active.drift, model };
        // Answers are synchronous: nobody is in the middle of one.
        before?.model.close();
        await files.forgetOthers(active.version);
        log.info({ version: active.version }, 'Recommendations are answered from another model');
        return false;
      },
    });
  }

  /** Undefined as long as there is none. */
  get current(): Live | undefined {
    return this.#live;
  }

  async close(): Promise<void> {
    await this.loop.close();
    this.#live?.model.close();
    this.#live = undefined;
  }
}
