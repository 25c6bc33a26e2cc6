import { runWorker, table } from '../processes';
import type { Goal } from './goals';

export const GOAL_GROUPS = ['build', 'latencies', 'filters', 'snapshots', 'changes', 'misspellings'] as const;
export type GoalGroup = (typeof GOAL_GROUPS)[number];

/** Measures the goals in a process of its own; with `only`, those groups and the build that they need. */
export function measureGoals(
  size: number,
  checks: number,
  fts5: boolean,
  only: readonly string[] = [],
): Promise<Goal[]> {
  const unknown = only.find((group) => !GOAL_GROUPS.includes(group as GoalGroup));
  if (unknown !== undefined) throw new Error(`no goals "${unknown}"; there are ${GOAL_GROUPS.join(', ')}`);
  return runWorker<Goal[]>('bench/autocomplete/goals.ts', [
    String(size),
    String(checks),
    fts5 ? 'fts5' : '',
    only.join(','),
  ]);
}

/** Goals down; JSON has no Infinity, so a figure without a bound comes back with null. */
export function printGoals(goals: readonly Goal[]): string {
  const rows = goals.map(({ goal, value, unit, bound, peer, exact, checked }) => [
    goal,
    `${value.toPrecision(3)} ${unit}`,
    (bound as number | null) === null ? '–' : String(Number(bound.toPrecision(3))),
    exact === undefined ? '–' : `${(100 * exact).toFixed(1)} % of ${checked}`,
    peer ?? '–',
  ]);
  return table(['goal', 'measured', 'bound', 'exact', 'beside it'], rows);
}
