import { train } from './compare';
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
export async function gateAls(
  gates: AlsGates,
  report: (claim: string, value: number, max: number) => void,
): Promise<void> {
  const { factors, iterations } = gates;
  const job: Training = { contender: 'plain', shape: 'S', factors, iterations, nu: 1, losses: false, users: 1_200 };
  const plain = await train(job);
  const fast = await train({ ...job, contender: 'fast' });
  const fallback = await train({ ...job, contender: 'fast' }, 'fallback');
  report('als, fast: at most so much of a JavaScript CG', fast.cpuSeconds / plain.cpuSeconds, gates.fastAgainstPlain);
  report(
    'als, fallback: at most so much of a JavaScript CG',
    fallback.cpuSeconds / plain.cpuSeconds,
    gates.fallbackAgainstPlain,
  );
  for (const [name, { quality }] of [
    ['fast', fast],
    ['fallback', fallback],
  ] as const)
    report(
      `als, ${name}: Recall@20 of the JavaScript CG against ours`,
      (plain.quality?.recall ?? Number.NaN) / (quality?.recall ?? Number.NaN),
      gates.recallOfPlain,
    );
}
