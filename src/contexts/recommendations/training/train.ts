import { AlsModel, type AlsParameters } from '../../../core';
import type { Database } from '../../../platform/database';
import { isNoWorse } from '../rules';
import type { ModelView, Training } from '../schemas';
import * as store from '../store/models';
import { readSettings } from '../weights';
import { evaluate, type Rival } from './evaluation';
import { gather, type Interactions } from './interactions';
import { KnownProducts } from './known-products';
import type { ModelFiles } from './model-files';
import { Untrainable, type Outcome, type Tell, type TrainingSources } from './training';

export interface TrainingContext {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly files: ModelFiles;
  readonly sources: TrainingSources;
}

/** Files of so many versions can be gone back to. */
const KEPT_FILES = 5;
/** Half of the cores, so that answers do not wait for the training. */
const threads = (cores: number): number => Math.max(1, Math.floor(cores / 2));

/** Another worker has the training: nothing of this one is to be kept. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/**
 * Trains one version: gathers what there is to learn from, measures on a part of it, learns from all, stores the file, and puts
 * the version in the place of the active one unless it is worse. It holds the event loop for as long as it likes: it belongs into a
 * process of its own, which is ended where it is to be given up. Throws Untrainable where there is nothing to learn from.
 */
export async function trainVersion(
  { database, files, sources }: TrainingContext,
  claim: store.Claim,
  { cores, tell }: { readonly cores: number; readonly tell: Tell },
): Promise<Outcome> {
  const { settings } = await readSettings(database.pool);
  tell('gathering', 0, null);
  const known = await KnownProducts.read(sources.products());
  const all = await gather(sources.interactions(), known, settings, (done) => tell('gathering', done, null));
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
    const { evaluation, drift } = await evaluate(all, { parameters, halfLifeDays, rival });
    tell('ordering', 0, null);
    using model = await AlsModel.fit(all.columns(halfLifeDays), {
      ...parameters,
      onProgress: ({ phase, done, total }) => tell(phase, done, total ?? null),
    });
    tell('storing', 0, null);
    const verdict = verdictOf(evaluation, present);
    const found = { parameters: claim.parameters, data: dataOf(all), evaluation, drift, note: verdict.note };
    // In the transaction that stores the file: who lost the lease leaves nothing of it.
    const outcome = await files.store(claim.version, model, async (client, bytes) => {
      if (!(await store.finishTraining(client, claim, { ...found, bytes }))) throw new Overtaken();
      if (!verdict.promote) return 'candidate' as const;
      await store.activateModel(client, claim.version, verdict.note);
      return 'active' as const;
    });
    await store.deleteOldParts(database.pool, KEPT_FILES);
    return outcome;
  } catch (error) {
    if (error instanceof Overtaken) return 'overtaken';
    throw error;
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
