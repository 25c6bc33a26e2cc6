import { Problem } from '../../kernel/errors';
import { decodeCursor, toPage, wrongCursor, type Page } from '../../kernel/pages';
import type { Database } from '../../platform/database';
import type { ModelView, Training } from './schemas';
import * as store from './store/models';

/** The versions, the newest first. Throws `validation-failed` for a cursor of another list. */
export async function browseModels(
  client: store.Queryable,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<ModelView>> {
  const [before] = after === undefined ? [] : (decodeCursor(after, 1) ?? []);
  if (after !== undefined && !Number.isSafeInteger(before)) throw wrongCursor();
  const rows = await store.listModels(client, limit + 1, before === undefined ? undefined : Number(before));
  return toPage(rows, limit, ({ version }) => [version]);
}

/** Throws `not-found`. */
export async function readModel(client: store.Queryable, version: number): Promise<ModelView> {
  const model = await store.findModel(client, version);
  if (!model) throw new Problem('not-found', `There is no version ${version}`);
  return model;
}

/** Asks for a training. Throws `conflict` where one is under way. */
export async function askForTraining(
  client: store.Queryable,
  parameters: Training,
  requestedBy: string,
): Promise<ModelView> {
  const model = await store.insertModel(client, requestedBy, parameters);
  if (model) return model;
  const running = await store.findInState(client, 'training');
  throw new Problem('conflict', `Version ${running?.version ?? ''} is being trained: one at a time`);
}

/** Makes a version answer, an older one too. Throws `not-found`, or `conflict` where it has not been trained or its file is gone. */
export async function activate(database: Database, version: number, by: string): Promise<ModelView> {
  return database.transaction(async (client) => {
    const { state } = await readModel(client, version);
    if (!(await store.hasParts(client, version)))
      throw new Problem('conflict', `Version ${version} is ${state} and has no file: only what was trained can answer`);
    if (!(await store.activateModel(client, version, `Made active by ${by}`)))
      throw new Problem('conflict', `Version ${version} is ${state}: only what was trained can answer`);
    return readModel(client, version);
  });
}
