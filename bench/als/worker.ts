import { AlsModel, type AlsParameters, type AlsProgress } from '../../src/core';
import { generate, SHAPES, type ShapeName } from './shapes';

/** CPU seconds per iteration of one configuration, in one process. Prints one JSON line. */
export interface TrainingResult {
  readonly backend: string;
  readonly shape: string;
  readonly entries: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly losses: readonly number[];
}

const [shapeName = 'A', factors = '64', mode = 'fast', iterations = '5', loss = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const shape = SHAPES[shapeName as ShapeName];
  const data = generate(shape);
  const columns = {
    userIds: Array.from({ length: shape.users }, (_, i) => String(i)),
    itemIds: Array.from({ length: shape.items }, (_, i) => String(i)),
    ...data,
  };
  const marks: { cpu: number; wall: number }[] = [];
  const onProgress = ({ phase, done }: AlsProgress): void => {
    if (phase === 'building' || (phase === 'training' && done % 2 === 0)) {
      const { user, system } = process.cpuUsage();
      marks.push({ cpu: (user + system) / 1e6, wall: performance.now() / 1000 });
    }
  };
  const parameters: AlsParameters = {
    factors: Number(factors),
    mode: mode as 'fast' | 'exact',
    iterations: Number(iterations),
    threads: 2,
  };
  const model = await AlsModel.fit(columns, { ...parameters, trackLoss: loss !== '', onProgress });
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last) throw new Error('no iteration was reported');
  const result: TrainingResult = {
    backend: model.backend,
    shape: shapeName,
    entries: data.users.length,
    cpuSeconds: (last.cpu - first.cpu) / Number(iterations),
    wallSeconds: (last.wall - first.wall) / Number(iterations),
    losses: model.stats().losses,
  };
  model.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

void main();
