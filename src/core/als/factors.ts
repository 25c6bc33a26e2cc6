import { EngineStatus } from '../jobs/job';
import { runJob } from '../jobs/run-job';
import { AlsModel } from './als-model';
import { FinishMode, Side } from './engine';
import { checkStatus, configure, engineError } from './fitting';
import { Ids } from './ids';
import { openEngine } from './open-engine';
import { checkId, checkNames, checkParameters, invalid } from './options';
import { nextTurn } from './reading';
import type { AlsParameters } from './types';

/** A vector by id, as Spark MLlib's ALS writes them to `userFactors` and `itemFactors`. */
export interface FactorRow {
  readonly id: string | number | bigint;
  readonly features: ArrayLike<number>;
}

export interface FactorTables {
  readonly userFactors: Iterable<FactorRow> | AsyncIterable<FactorRow>;
  readonly itemFactors: Iterable<FactorRow> | AsyncIterable<FactorRow>;
}

async function readTable(
  rows: Iterable<FactorRow> | AsyncIterable<FactorRow>,
  what: string,
): Promise<{ ids: Ids; vectors: Float32Array[] }> {
  const ids = new Ids();
  const vectors: Float32Array[] = [];
  for await (const row of rows) {
    if (typeof row !== 'object' || row === null || typeof row.features?.length !== 'number')
      throw invalid(`${what}: row ${ids.size} has no features`);
    const vector = Float32Array.from(row.features);
    if (!vector.every(Number.isFinite)) throw invalid(`${what}: row ${ids.size} has a feature that is no number`);
    if (vectors[0] && vector.length !== vectors[0].length)
      throw invalid(`${what}: row ${ids.size} is of another length`);
    if (ids.add(checkId(String(row.id), 'id')) !== vectors.length)
      throw invalid(`${what}: the id ${String(row.id)} comes twice`);
    vectors.push(vector);
    if (vectors.length % 512 === 0) await nextTurn();
  }
  return { ids, vectors };
}

/**
 * A model of factors that were learnt elsewhere, such as by Spark MLlib's ALS on more data than one machine holds. It recommends, finds
 * what is similar and folds in; it knows no histories. `regularization` and `unobservedWeight` should be those of the training: fold-in
 * solves with them (MLlib with implicitPrefs: unobservedWeight 1, and a weight of alpha × rating for each interaction).
 * Rejects with ERR_EASY11_INVALID_OPTION or _INVALID_ID.
 */
export async function alsFromFactors(
  tables: FactorTables,
  options: Omit<AlsParameters, 'factors' | 'iterations'> = {},
): Promise<AlsModel> {
  checkNames(options);
  const users = await readTable(tables.userFactors, 'userFactors');
  const items = await readTable(tables.itemFactors, 'itemFactors');
  const factors = items.vectors[0]?.length ?? 0;
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
    configure(engine, parameters);
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
    return AlsModel.of({ engine, backend, users: users.ids, items: items.ids, parameters, losses: [] });
  } catch (error) {
    engine.close();
    throw error;
  }
}
