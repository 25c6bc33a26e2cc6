import type { Claim } from '../claims';
import { train } from './contenders';
import type { Training } from './worker';

export interface AlsGates {
  readonly factors: number;
  readonly iterations: number;
  /** CPU seconds an iteration against a plain JavaScript CG. */
  readonly fastAgainstPlain: number;
  readonly fallbackAgainstPlain: number;
  /** Recall@20 of the plain one ÷ ours. */
  readonly recallOfPlain: number;
}

/** The claims about AlsModel on a small shape, from one run. */
export async function gateAls(gates: AlsGates): Promise<Claim[]> {
  const { factors, iterations } = gates;
  const job: Training = { contender: 'plain', shape: 'S', factors, iterations, nu: 1, losses: false, users: 1_200 };
  const plain = await train(job);
  const fast = await train({ ...job, contender: 'fast' });
  const fallback = await train({ ...job, contender: 'fast' }, 'fallback');
  const recall = (of: typeof plain): number => of.quality?.recall ?? Number.NaN;
  return [
    {
      claim: 'als, fast: at most so much of a JavaScript CG',
      value: fast.cpuSeconds / plain.cpuSeconds,
      max: gates.fastAgainstPlain,
    },
    {
      claim: 'als, fallback: at most so much of a JavaScript CG',
      value: fallback.cpuSeconds / plain.cpuSeconds,
      max: gates.fallbackAgainstPlain,
    },
    ...[
      { name: 'fast', model: fast },
      { name: 'fallback', model: fallback },
    ].map(({ name, model }) => ({
      claim: `als, ${name}: Recall@20 of the JavaScript CG against ours`,
      value: recall(plain) / recall(model),
      max: gates.recallOfPlain,
      always: true,
    })),
  ];
}
