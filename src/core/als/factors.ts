import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { runJob } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { FinishMode, Side } from './engine';
import { configure, type FittedModel } from './fitting';
import { checkStatus, engineError } from './status';
import { Ids } from './ids';
import { openEngine } from './open-engine';
import { checkId, checkParameters, FOLD_IN_OPTIONS, invalid, LIMITS } from './options';
import { readFactorRows } from './parquet';
import { isIterable, nextTurn } from './reading';
import type { AlsParameters } from './types';

/** A vector by id, as Spark MLlib's ALS writes them to `userFactors` and `itemFactors`. */
export interface FactorRow {
  readonly id: string | number | bigint;
  readonly features: ArrayLike<number>;
}

/** Rows, or the directory of Parquet files that has them. */
export type FactorSource = string | Iterable<FactorRow> | AsyncIterable<FactorRow>;

export interface FactorTables {
  readonly userFactors: FactorSource;
  readonly itemFactors: FactorSource;
}

async function readTable(source: FactorSource, what: string): Promise<{ ids: Ids; vectors: Float32Array[] }> {
  const ids = new Ids();
  const vectors: Float32Array[] = [];
  if (typeof source !== 'string' && !isIterable(source))
    throw invalid(`${what} must be a directory or iterable rows, not ${show(source)}`);
  for await (const row of typeof source === 'string' ? readFactorRows(source) : source) {
    if (typeof row !== 'object' || row === null || typeof row.features?.length !== 'number')
      throw invalid(`${what}: row ${ids.size} has no features`);
    const { length } = row.features;
    if (!Number.isInteger(length) || length < 1 || length > LIMITS.FACTORS)
      throw invalid(`${what}: row ${ids.size} must have 1 to ${LIMITS.FACTORS} features, not ${length}`);
    const vector = Float32Array.from(row.features);
    if (!vector.every(Number.isFinite)) throw invalid(`${what}: row ${ids.size} has a feature that is no number`);
    if (vectors[0] && vector.length !== vectors[0].length)
      throw invalid(`${what}: row ${ids.size} is of another length`);
    if (!['string', 'number', 'bigint'].includes(typeof row.id)) throw invalid(`${what}: row ${ids.size} has no id`);
    if (ids.add(checkId(String(row.id), 'id')) !== vectors.length)
      throw invalid(`${what}: the id ${String(row.id)} comes twice`);
    vectors.push(vector);
    if (vectors.length % 512 === 0) await nextTurn();
  }
  return { ids, vectors };
}

/** Reads both tables into an engine: what AlsModel.fromFactors does. */
export async function takeFactors(
  tables: FactorTables,
  options: Omit<AlsParameters, 'factors' | 'iterations'> = {},
): Promise<FittedModel> {
  checkOptionNames(options, FOLD_IN_OPTIONS);
  if (typeof tables !== 'object' || tables === null) throw invalid('fromFactors takes userFactors and itemFactors');
  const users = await readTable(tables.userFactors, 'userFactors');
  const items = await readTable(tables.itemFactors, 'itemFactors');
  const factors = items.vectors[0]?.length;
  if (factors === undefined) throw new Easy11Error('ERR_EASY11_EMPTY_DATA', 'itemFactors has no row');
  if (users.vectors[0] && users.vectors[0].length !== factors)
    throw invalid('userFactors and itemFactors are of different lengths');
  const checked = checkParameters({ ...options, factors, iterations: 0 });
  const parameters = { regularization: 0.1, unobservedWeight: 1, ...checked };
  const { engine, backend } = openEngine();
  const run = (start: Parameters<typeof runJob>[0]): Promise<void> =>
    runJob(
      start,
      {},
      () => undefined,
      (status: EngineStatus) => Promise.resolve(engineError(status, 'Taking factors over')),
    );
  try {
    await run((report) => engine.build(users.ids.size, items.ids.size, report));
    await configure(engine, parameters);
    for (const [side, { vectors }] of [
      [Side.USERS, users],
      [Side.ITEMS, items],
    ] as const) {
      for (let i = 0; i < vectors.length; i++) {
        checkStatus(engine.setRows(side, i, 1, vectors[i] as Float32Array, factors), 'Taking factors over');
        if (i % 512 === 0) await nextTurn();
      }
    }
    await run(() => engine.finish(FinishMode.TURN));
    return { engine, backend, users: users.ids, items: items.ids, parameters, losses: [] };
  } catch (error) {
    engine.close();
    throw error;
  }
}
