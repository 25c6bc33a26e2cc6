import type { Easy11Error } from '../errors';
import type { EngineStatus } from '../jobs/job';
import { runJob } from '../jobs/run-job';
import { type AlsEngine, FinishMode, Side } from './engine';
import { configure } from './fitting';
import { checkStatus, engineError } from './status';
import { nextTurn } from './reading';
import { HEADER_BYTES, type Layout, PIECE, type Section } from './snapshot-format';
import type { AlsParameters } from './types';

/** Refuses what no engine would write: the numbers are indices into memory further on. */
function checkHistories(starts: Uint32Array, columns: Uint32Array, weights: Float32Array, items: number): void {
  if (starts[0] !== 0 || starts[starts.length - 1] !== columns.length)
    throw new RangeError('Histories do not fill their place');
  for (let i = 1; i < starts.length; i++)
    if ((starts[i] as number) < (starts[i - 1] as number)) throw new RangeError('Histories overlap');
  for (let e = 0; e < columns.length; e++)
    if ((columns[e] as number) >= items || !((weights[e] as number) > 0 && (weights[e] as number) < Infinity))
      throw new RangeError('An interaction that cannot be');
}

/** Gives an engine that cannot open files what stands in one, in slices of the event loop. Throws a RangeError for damage. */
export async function restore(
  engine: AlsEngine,
  parameters: Required<AlsParameters>,
  payload: Buffer,
  layout: Layout,
  jobOptions: { readonly signal?: AbortSignal },
): Promise<void> {
  const uint32 = ({ at, bytes }: Section): Uint32Array =>
    new Uint32Array(payload.buffer, payload.byteOffset + at - HEADER_BYTES, bytes / 4);
  const float32 = ({ at, bytes }: Section): Float32Array =>
    new Float32Array(payload.buffer, payload.byteOffset + at - HEADER_BYTES, bytes / 4);
  const [x, y, weights] = [float32(layout.x), float32(layout.y), float32(layout.weights)];
  const [starts, columns] = [uint32(layout.starts), uint32(layout.columns)];
  const { factors } = parameters;
  const itemCount = y.length / factors;
  checkHistories(starts, columns, weights, itemCount);
  for (const table of [x, y]) if (!table.every(Number.isFinite)) throw new RangeError('A factor is not a number');
  const explain = (status: EngineStatus): Promise<Easy11Error> => Promise.resolve(engineError(status, 'Loading'));
  const rows = new Uint32Array(1 << 16);
  for (let user = 0, from = 0; from < columns.length; from += rows.length) {
    const count = Math.min(rows.length, columns.length - from);
    for (let e = 0; e < count; e++) {
      while ((starts[user + 1] as number) <= from + e) user++;
      rows[e] = user;
    }
    checkStatus(engine.append(rows, columns.subarray(from), weights.subarray(from), count), 'Loading');
    await nextTurn();
  }
  await runJob(
    (report) => engine.build(starts.length - 1, itemCount, report),
    jobOptions,
    () => undefined,
    explain,
  );
  await configure(engine, parameters, jobOptions.signal);
  for (const [side, table] of [
    [Side.USERS, x],
    [Side.ITEMS, y],
  ] as const) {
    const step = Math.max(1, Math.floor(PIECE / factors));
    for (let from = 0; from * factors < table.length; from += step) {
      const piece = table.subarray(from * factors, (from + step) * factors);
      checkStatus(engine.setRows(side, from, piece.length / factors, piece, factors), 'Loading');
      await nextTurn();
    }
  }
  await runJob(
    () => engine.finish(FinishMode.KEEP),
    jobOptions,
    () => undefined,
    explain,
  );
}
