import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Objective, Tables } from './rows';
import type { Generated } from './shapes';

interface LibmfModel {
  fit(data: object): void;
  p(): number[][];
  q(): number[][];
  destroy(): void;
}
interface Libmf {
  readonly Matrix: new () => { push(row: number, column: number, value: number): void };
  readonly Model: new (options: Readonly<Record<string, number | boolean>>) => LibmfModel;
  readonly Loss: { readonly ONE_CLASS_L2: number };
}

const home = path.resolve(__dirname, '../peers/node_modules/libmf/src/index.js');

/** What libmf's λ must be multiplied by for our loss to be lowest, of 1/10 to 16 tried on shape S: it counts differently. */
const LAMBDA = 4;

/**
 * libmf's one-class factorisation by coordinate descent: Σ (r − x·y)² over interactions + α Σ (x·y)² over the other pairs + λ‖·‖².
 * With r = w = 1 − α it has the minimum of our loss at ν = 0. It trains in one call, so its cost is a difference of two.
 */
export async function trainLibmf(
  { users, items }: Generated,
  { factors, unobservedWeight, regularization, weight }: Objective,
  iterations: number,
): Promise<{ tables: Tables; cpuSeconds: number; wallSeconds: number }> {
  const { Matrix, Model, Loss } = (await import(pathToFileURL(home).href)) as Libmf;
  const matrix = new Matrix();
  for (let e = 0; e < users.length; e++) matrix.push(users[e] as number, items[e] as number, weight);
  const model = new Model({
    loss: Loss.ONE_CLASS_L2,
    ...{ factors, iterations, threads: 2, quiet: true },
    ...{ alpha: unobservedWeight, c: 0, lambdaP2: LAMBDA * regularization, lambdaQ2: LAMBDA * regularization },
  });
  const before = process.cpuUsage();
  const began = performance.now();
  model.fit(matrix);
  const { user, system } = process.cpuUsage(before);
  const wallSeconds = (performance.now() - began) / 1000;
  const flat = (rows: number[][]): Float32Array => {
    const out = new Float32Array(rows.length * factors);
    rows.forEach((row, i) => out.set(row, i * factors));
    return out;
  };
  const tables = { users: flat(model.p()), items: flat(model.q()) };
  model.destroy();
  return { tables, cpuSeconds: (user + system) / 1e6, wallSeconds };
}
