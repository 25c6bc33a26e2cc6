import type pg from 'pg';
import { v7 } from 'uuid';
import { Problem } from '../../../kernel/errors';
import type { Database } from '../../../platform/database';
import * as models from '../store/models';
import { noteTraining, type TrainingOutcome } from '../store/trainings';
import type { Learnt } from './learning';
import { decide } from './promotion';
import type { LessonMessage } from './trainer';

/** So many versions of a kind stay, with what they say of customers, beside the one in production. */
const KEPT_VERSIONS = 5;
/** A look every so often is enough for a person who waits. */
const PROGRESS_MS = 500;

/** Writes what a training tells into the registry: a model, what it says of customers, and then its place. */
export class Registrar {
  readonly #outcomes: TrainingOutcome[] = [];
  #current: models.StoredModel | undefined;
  #progressAt = -Infinity;

  constructor(
    private readonly database: Pick<Database, 'pool' | 'transaction'>,
    private readonly origin: { readonly trainingId: string; readonly source: string; readonly currency: string },
  ) {}

  async hear(message: LessonMessage): Promise<void> {
    if ('progress' in message) {
      if (performance.now() - this.#progressAt < PROGRESS_MS) return;
      this.#progressAt = performance.now();
      await noteTraining(this.database.pool, this.origin.trainingId, message.progress);
    } else if ('scores' in message) {
      if (this.#current) await models.insertScores(this.database.pool, this.#current.id, message.scores);
    } else {
      await this.#settle();
      if ('missing' in message) this.#outcomes.push({ kind: message.kind, modelId: null, verdict: message.missing });
      else this.#current = await this.#store(message.kind, message.learnt);
    }
  }

  /** When everything has been heard: what became of each kind. */
  async finish(): Promise<readonly TrainingOutcome[]> {
    await this.#settle();
    return this.#outcomes;
  }

  async #store(kind: models.Kind, learnt: Omit<Learnt, 'scores'>): Promise<models.StoredModel> {
    return this.database.transaction(async (client) => {
      await models.lockRegistry(client);
      return models.insertModel(client, { id: `mdl_${v7()}`, kind, ...this.origin, ...learnt });
    });
  }

  /** Decides about the model of which everything has been heard. */
  async #settle(): Promise<void> {
    const model = this.#current;
    this.#current = undefined;
    if (!model) return;
    const verdict = await this.database.transaction(async (client) => {
      await models.lockRegistry(client);
      const before = await models.findProduction(client, model.kind);
      const decision = decide(model.skill, before?.skill);
      await (decision.promoted ? models.promote : models.stage)(client, model, decision.verdict);
      await models.archiveOld(client, model.kind, KEPT_VERSIONS);
      return decision.verdict;
    });
    this.#outcomes.push({ kind: model.kind, modelId: model.id, verdict });
  }
}

/**
 * Puts a model of the registry into production by hand. Throws `not-found`; and `conflict` when it did worse than the one there,
 * unless that is wanted, and when what it said of customers is no longer kept.
 */
export async function activateModel(
  client: pg.PoolClient,
  id: string,
  evenIfWorse: boolean,
): Promise<models.StoredModel> {
  await models.lockRegistry(client);
  const model = await models.findModel(client, id);
  if (!model || model.stage === 'learning') throw new Problem('not-found', `There is no model ${id}`);
  if (model.stage === 'production') return model;
  if (model.kind !== 'forecast' && !(await models.hasScores(client, id)))
    throw new Problem('conflict', 'What this version said of customers is no longer kept: train a new one');
  const before = await models.findProduction(client, model.kind);
  const { promoted, verdict } = decide(model.skill, before?.skill);
  if (!promoted && !evenIfWorse) throw new Problem('conflict', `${verdict}; evenIfWorse puts it there all the same`);
  await models.promote(client, model, promoted ? `${verdict}, by hand` : `promoted by hand; else ${verdict}`);
  return (await models.findModel(client, id)) ?? model;
}
