import { AlsModel, type AlsParameters, type FitOptions } from '../../../core';
import type { Database } from '../../../platform/database';
import type { Log } from '../../../platform/log';
import type { ProductTable } from '../product-table';
import { isNoWorse } from '../rules';
import type { ModelView, Training } from '../schemas';
import * as store from '../store/models';
import type { SourceInteraction } from '../types';
import { readSettings } from '../weights';
import { evaluate, type Rival } from './evaluation';
import { gather, type Interactions } from './interactions';
import type { ModelFiles } from './model-files';

/** The training cannot give a model, however often it is tried: a sentence for a person. */
export class Untrainable extends Error {
  override readonly name = 'Untrainable';
}

export interface TrainingContext {
  readonly database: Database;
  readonly files: ModelFiles;
  readonly table: () => ProductTable;
  readonly interactions: () => AsyncIterable<SourceInteraction>;
  readonly log: Log;
}

/** Files of so many versions can be gone back to. */
const KEPT_FILES = 5;
/** Half of the cores, so that answers do not wait for the training. */
const threads = (cores: number): number => Math.max(1, Math.floor(cores / 2));

/** What is told of a training while it runs. */
export type Tell = (phase: string, done: number, total: number | null) => void;

/**
 * Trains one version: gathers what there is to learn from, measures on a part of it, learns from all, stores the file, and puts
 * the version in the place of the active one unless it is worse. The work runs on the engine's threads, the rest in slices.
 * Throws Untrainable where there is nothing to learn from, and the signal's reason when it aborts.
 */
export async function trainVersion(
  context: TrainingContext,
  claim: store.Claim,
  { cores, signal, tell }: { readonly cores: number; readonly signal: AbortSignal; readonly tell: Tell },
): Promise<'active' | 'candidate' | 'overtaken'> {
  const { database, files, log } = context;
  const { settings } = await readSettings(database.pool);
  tell('gathering', 0, null);
  const all = await gather(context.interactions(), context.table(), settings, {
    signal,
    onProgress: (done) => tell('gathering', done, null),
  });
  if (all.count === 0) {
    const why = all.passedOver === 0 ? '' : `: all ${all.passedOver} are of products that the catalogue does not have`;
    throw new Untrainable(`There are no interactions to learn from${why}`);
  }
  const parameters = parametersOf(claim.parameters, cores);
  const halfLifeDays = settings.trainingHalfLifeDays;
  const present = await store.findInState(database.pool, 'active');
  const rival = present && (await openRival(files, present, cores));
  try {
    tell('evaluating', 0, null);
    const { evaluation, drift } = await evaluate(all, { parameters, halfLifeDays, rival, signal });
    const options: FitOptions = {
      ...parameters,
      signal,
      onProgress: ({ phase, done, total }) => tell(phase, done, total ?? null),
    };
    using model = await AlsModel.fit(await all.columns(halfLifeDays, { signal }), options);
    tell('storing', 0, null);
    const bytes = await files.store(claim.version, model);
    const verdict = verdictOf(evaluation, present);
    const known = { parameters: claim.parameters, data: dataOf(all), evaluation, drift, bytes, note: verdict.note };
    const outcome = await database.transaction(async (client) => {
      if (!(await store.finishTraining(client, claim, known))) return 'overtaken' as const;
      if (!verdict.promote) return 'candidate' as const;
      await store.activateModel(client, claim.version, verdict.note);
      return 'active' as const;
    });
    await store.deleteOldParts(database.pool, KEPT_FILES);
    log.info({ version: claim.version, outcome, evaluation: evaluation.model }, 'Trained a model of recommendations');
    return outcome;
  } finally {
    rival?.model.close();
  }
}

async function openRival(files: ModelFiles, present: ModelView, cores: number): Promise<Rival | undefined> {
  if (!present.data) return undefined;
  return {
    model: await files.load(present.version),
    parameters: parametersOf(present.parameters, cores),
    until: Date.parse(present.data.until),
  };
}

/** The parameters that were asked for; the engine chooses the others from the data. */
const parametersOf = (asked: Training, cores: number): AlsParameters => ({
  ...(Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as AlsParameters),
  threads: threads(cores),
});

function dataOf(all: Interactions): NonNullable<ModelView['data']> {
  return {
    interactions: all.count,
    users: all.userIds.length,
    products: all.itemIds.length,
    passedOver: all.passedOver,
    since: new Date(all.since).toISOString(),
    until: new Date(all.until).toISOString(),
  };
}

/**
 * Whether a version takes the active one's place, and why. Without an active one answers come from what sells and what is alike, so
 * the first has to be no worse than what sells most. Exported for its test.
 */
export function verdictOf(
  { model, active, activeIs, users, mostPopular }: NonNullable<ModelView['evaluation']>,
  present: Pick<ModelView, 'version'> | undefined,
): { readonly promote: boolean; readonly note: string } {
  if (!present) {
    if (!model || !mostPopular) return { promote: true, note: 'The first model, with nobody to measure it with' };
    const beside = `NDCG@10 ${model.ndcg10.toFixed(4)} beside ${mostPopular.ndcg10.toFixed(4)} of what sells most`;
    return isNoWorse(model.ndcg10, mostPopular.ndcg10, users)
      ? { promote: true, note: `The first model: ${beside}` }
      : { promote: false, note: `Worse, so it was not made active: ${beside}` };
  }
  if (!model || !active)
    return { promote: true, note: `Nobody to measure it with: it follows version ${present.version} unmeasured` };
  const how = activeIs === 'as-it-is' ? '' : ', trained anew on the same part';
  const figures = `NDCG@10 ${model.ndcg10.toFixed(4)} beside ${active.ndcg10.toFixed(4)} of version ${present.version}${how}`;
  return isNoWorse(model.ndcg10, active.ndcg10, users)
    ? { promote: true, note: `No worse: ${figures}` }
    : { promote: false, note: `Worse, so it was not made active: ${figures}` };
}
