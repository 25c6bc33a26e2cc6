import { AlsModel, type AlsProgress } from '../../src/core';
import { defaultParameters } from '../../src/core/als/options';
import { trainLibmf } from './libmf';
import { PlainCg } from './plain';
import { qualityOf, type Quality } from './quality';
import { byItem, byUser, lossOf, type Objective, type Rows, type Tables } from './rows';
import { columnsOf, generate, type Generated, type Shape, SHAPES, type ShapeName, split } from './shapes';

/** One training in one process. */
export interface Training {
  readonly contender: 'fast' | 'exact' | 'plain' | 'libmf';
  readonly shape: ShapeName;
  readonly factors: number;
  readonly iterations: number;
  /** 1, or 0 where libmf's loss is compared, which has no other. */
  readonly nu: 0 | 1;
  /** Whether the loss after each iteration is wanted. */
  readonly losses: boolean;
  /** How many users Recall and NDCG are measured on; 0 trains on everything and measures nothing. */
  readonly users: number;
}

export interface Trained {
  readonly entries: number;
  /** Of an iteration, without reading, building and finishing. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly losses: readonly number[];
  readonly quality: Quality | undefined;
}

const job = JSON.parse(process.argv[2] ?? '{}') as Training;
const shape: Shape = SHAPES[job.shape];
const cpu = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

interface Outcome {
  readonly tables: Tables;
  readonly losses: readonly number[];
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

async function trainOurs(data: Generated, objective: Objective): Promise<Outcome> {
  const marks: { cpu: number; wall: number }[] = [];
  const onProgress = ({ phase, done }: AlsProgress): void => {
    if (phase === 'building' || (phase === 'training' && done % 2 === 0))
      marks.push({ cpu: cpu(), wall: performance.now() / 1000 });
  };
  const { factors, regularization, unobservedWeight, nu, weight } = objective;
  const { iterations } = job;
  const columns = {
    ...columnsOf(shape, data),
    weights: new Float32Array(data.users.length).fill(weight),
  };
  const mode = job.contender === 'exact' ? 'exact' : 'fast';
  using model = await AlsModel.fit(columns, {
    ...{ factors, regularization, unobservedWeight, nu, mode, iterations, threads: 2 },
    ...{ trackLoss: job.losses, onProgress },
  });
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last) throw new Error('no iteration was reported');
  const tables = { users: new Float32Array(shape.users * factors), items: new Float32Array(shape.items * factors) };
  if (job.users > 0) {
    for (let i = 0; i < shape.users; i++) tables.users.set(model.userVector(String(i)), i * factors);
    for (let i = 0; i < shape.items; i++) tables.items.set(model.itemVector(String(i)), i * factors);
  }
  return {
    tables,
    losses: model.stats().losses,
    cpuSeconds: (last.cpu - first.cpu) / Math.max(1, iterations),
    wallSeconds: (last.wall - first.wall) / Math.max(1, iterations),
  };
}

function trainPlain(rows: Rows, takers: Rows, objective: Objective): Outcome {
  const plain = new PlainCg(rows, takers, objective);
  const losses: number[] = [];
  let [cpuSeconds, wallSeconds] = [0, 0];
  for (let i = 0; i < job.iterations; i++) {
    const [from, began] = [cpu(), performance.now()];
    plain.iterate();
    cpuSeconds += (cpu() - from) / job.iterations;
    wallSeconds += (performance.now() - began) / 1000 / job.iterations;
    if (job.losses) losses.push(lossOf(plain, rows, takers, objective));
  }
  return { tables: plain, losses, cpuSeconds, wallSeconds };
}

/** libmf trains in one call: an iteration's cost is a difference of two, and each loss needs a training. */
async function trainPeer(data: Generated, rows: Rows, takers: Rows, objective: Objective): Promise<Outcome> {
  const first = await trainLibmf(data, objective, 1);
  const losses = [lossOf(first.tables, rows, takers, objective)];
  let last = first;
  for (let i = job.losses ? 2 : job.iterations; i <= job.iterations; i++) {
    last = await trainLibmf(data, objective, i);
    losses.push(lossOf(last.tables, rows, takers, objective));
  }
  const more = Math.max(1, job.iterations - 1);
  return {
    tables: last.tables,
    losses,
    cpuSeconds: (last.cpuSeconds - first.cpuSeconds) / more,
    wallSeconds: (last.wallSeconds - first.wallSeconds) / more,
  };
}

async function main(): Promise<void> {
  const all = generate(shape);
  const { train, test } = job.users > 0 ? split(all) : { train: all, test: undefined };
  const rows = byUser(train, shape.users);
  const takers = byItem(train, shape.items);
  const defaults = defaultParameters({ ...shape, weight: train.users.length }, job.nu);
  // libmf has no λ that grows with a row.
  const unscaled = defaultParameters({ ...shape, weight: train.users.length }, 0);
  // libmf's target for an interaction is its weight here: at 1 − α both losses have one minimum.
  const weight = job.nu === 0 ? 1 - defaults.unobservedWeight : 1;
  const objective: Objective = { ...defaults, factors: job.factors, nu: job.nu, weight };
  const { tables, losses, cpuSeconds, wallSeconds } =
    job.contender === 'plain'
      ? trainPlain(rows, takers, objective)
      : job.contender === 'libmf'
        ? await trainPeer(train, rows, takers, { ...objective, regularization: unscaled.regularization })
        : await trainOurs(train, objective);
  const quality = test && qualityOf(tables, job.factors, rows, byUser(test, shape.users), job.users);
  const result: Trained = { entries: train.users.length, cpuSeconds, wallSeconds, losses, quality };
  console.log(JSON.stringify(result));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
