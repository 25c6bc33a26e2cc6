import { installPeers, runWorker, table } from '../processes';
import { isShapeName, type ShapeName } from './shapes';
import type { Trained, Training } from './worker';

export interface AlsBench {
  readonly shapes: readonly ShapeName[];
  readonly factors: readonly number[];
  readonly iterations: number;
}

/** A contender in its own process; those of TypeScript run on the fallback. */
export function train(training: Training, backend: 'native' | 'fallback' = 'native'): Promise<Trained> {
  return runWorker<Trained>('bench/als/worker.ts', [JSON.stringify(training)], { EASY11_BACKEND: backend });
}

/** Reads `--shape A,B --factors 64,128 --iterations 3`. */
export function readAlsOptions(option: (name: string, fallback: string) => string): AlsBench {
  const shapes = option('shape', 'A').split(',');
  const wrong = shapes.find((shape) => !isShapeName(shape));
  if (wrong !== undefined) throw new Error(`There is no shape ${wrong}: A, B, C, D or S`);
  const factors = option('factors', '64').split(',').map(Number);
  return { shapes: shapes.filter(isShapeName), factors, iterations: Number(option('iterations', '4')) };
}

const CONTENDERS = [
  ['fast', 'native'],
  ['exact', 'native'],
  ['fast', 'fallback'],
  ['exact', 'fallback'],
  ['plain', 'native'],
  ['libmf', 'native'],
] as const;
const nameOf = (contender: string, backend: string): string =>
  contender === 'plain' ? 'JavaScript CG' : contender === 'libmf' ? 'libmf' : `${backend} ${contender}`;

const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toPrecision(3)} s` : '–');

async function cost({ shapes, factors, iterations }: AlsBench, hasLibmf: boolean): Promise<string> {
  const rows: string[][] = [];
  for (const shape of shapes)
    for (const f of factors) {
      const times: number[] = [];
      for (const [contender, backend] of CONTENDERS) {
        if (contender === 'libmf' && !hasLibmf) {
          times.push(Number.NaN);
          continue;
        }
        const job: Training = { contender, shape, factors: f, iterations, nu: 1, losses: false, users: 0 };
        times.push((await train(job, backend)).cpuSeconds);
      }
      const [fast = 0, exact = 0, slow = 0, , plain = 0, libmf = 0] = times;
      const ratios = [plain / fast, libmf / fast, plain / exact, libmf / exact, plain / slow, libmf / slow];
      rows.push([
        `${shape} ${f}`,
        ...times.map(seconds),
        ...ratios.map((ratio) => (Number.isFinite(ratio) ? `${ratio.toPrecision(3)}×` : '–')),
      ]);
    }
  const names = CONTENDERS.map(([contender, backend]) => nameOf(contender, backend));
  const ratios = ['native fast', 'native exact', 'fallback fast'].flatMap((name) => [
    `CG ÷ ${name}`,
    `libmf ÷ ${name}`,
  ]);
  return `CPU seconds an iteration\n\n${table(['shape, factors', ...names, ...ratios], rows)}`;
}

/** The shape with a loss that all can minimise (ν = 0), and how well the vectors rank at ν = 1. */
async function learning(shape: ShapeName, factors: number, iterations: number, hasLibmf: boolean): Promise<string> {
  const contenders = CONTENDERS.filter(
    ([contender, backend]) => backend === 'native' && (hasLibmf || contender !== 'libmf'),
  );
  const losses: string[][] = [];
  for (const [contender] of contenders) {
    const job: Training = { contender, shape, factors, iterations, nu: 0, losses: true, users: 0 };
    const { losses: list } = await train(job);
    losses.push([nameOf(contender, 'native'), ...list.map((loss) => loss.toPrecision(6))]);
  }
  const head = ['', ...Array.from({ length: iterations }, (_, i) => `iteration ${i + 1}`)];
  const quality: string[][] = [];
  for (const [contender, backend] of CONTENDERS) {
    if ((contender === 'libmf' && !hasLibmf) || (contender === 'exact' && backend === 'fallback')) continue;
    const job: Training = { contender, shape, factors, iterations: 16, nu: 1, losses: false, users: 3_000 };
    const measured = (await train(job, backend)).quality;
    quality.push([
      nameOf(contender, backend),
      ...[measured?.recall, measured?.ndcg].map((value) => value?.toFixed(4) ?? '–'),
    ]);
  }
  const baselines = await runWorker<Record<string, { recall: number; ndcg: number }>>('bench/als/baselines.ts', [
    shape,
  ]);
  for (const [name, { recall, ndcg }] of Object.entries(baselines))
    quality.push([name, recall.toFixed(4), ndcg.toFixed(4)]);
  return [
    `Loss after each iteration, shape ${shape}, ${factors} factors, ν = 0, one function for all\n\n${table(head, losses)}`,
    `Held-out fifth, shape ${shape}, ${factors} factors, 16 iterations, up to 3,000 users\n\n${table(['', 'Recall@20', 'NDCG@20'], quality)}`,
  ].join('\n\n');
}

/** `npm run bench -- als`: training, losses, ranking, queries, and the goals that a clock can tell. */
export async function benchAls(options: AlsBench, withGoals: boolean): Promise<string> {
  const hasLibmf = await installPeers(['libmf']);
  const [shape = 'A'] = options.shapes;
  const [factors = 64] = options.factors;
  const parts = [
    `### AlsModel, generated interactions`,
    await cost(options, hasLibmf),
    await learning(shape, factors, options.iterations, hasLibmf),
  ];
  for (const name of options.shapes)
    for (const f of options.factors) {
      const queries = await runWorker<Record<string, string>>('bench/als/queries.ts', [name, String(f)]);
      parts.push(`Queries, shape ${name}, ${f} factors\n\n${table(['', 'native'], Object.entries(queries))}`);
    }
  if (withGoals) {
    const goals = await runWorker<Record<string, string>>('bench/als/goals.ts', []);
    parts.push(`Goals\n\n${table(['', 'native'], Object.entries(goals))}`);
  }
  return parts.join('\n\n');
}
