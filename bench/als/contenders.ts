import { runWorker } from '../processes';
import type { Trained, Training } from './worker';

/** Who trains: the algorithm and the backend that ours runs on. */
export const CONTENDERS = {
  fast: { contender: 'fast', backend: 'native', label: 'native fast' },
  exact: { contender: 'exact', backend: 'native', label: 'native exact' },
  'fallback-fast': { contender: 'fast', backend: 'fallback', label: 'fallback fast' },
  'fallback-exact': { contender: 'exact', backend: 'fallback', label: 'fallback exact' },
  plain: { contender: 'plain', backend: 'native', label: 'JavaScript CG' },
  libmf: { contender: 'libmf', backend: 'native', label: 'libmf' },
} as const satisfies Record<
  string,
  { contender: Training['contender']; backend: 'native' | 'fallback'; label: string }
>;
export type Name = keyof typeof CONTENDERS;
export const isName = (name: string): name is Name => Object.hasOwn(CONTENDERS, name);

/** A contender in its own process; those of TypeScript run on the fallback. */
export function train(training: Training, backend: 'native' | 'fallback' = 'native'): Promise<Trained> {
  return runWorker<Trained>('bench/als/worker.ts', [JSON.stringify(training)], { EASY11_BACKEND: backend });
}

export function trainAs(name: Name, training: Omit<Training, 'contender'>): Promise<Trained> {
  const { contender, backend } = CONTENDERS[name];
  return train({ contender, ...training }, backend);
}
