import type { Claim } from '../claims';
import { compare } from './compare';
import { measureGoals } from './goal-table';
import type { EngineResult } from './worker';

export interface AutocompleteGates {
  readonly titles: number;
  readonly runs: number;
  /** `ours` and `peer` are such as "native any word p50" or "fts5 update". */
  readonly ratios: readonly { claim: string; ours: string; peer: string; max: number }[];
  /** Engines whose answers must all be right. */
  readonly exact: readonly string[];
}

/** Generous bounds for figures of goals.ts, by name; whatever says how exact it is must be exact. */
export type GoalGates = Readonly<Record<string, { readonly max: number } | { readonly min: number }>>;

/** Reads "native any word p50" or "fts5 update" from the results; NaN, which breaks every gate, when it is not there. */
function figure(results: ReadonlyMap<string, EngineResult>, where: string): number {
  const [engine = '', ...rest] = where.split(' ');
  const result = results.get(engine);
  if (rest.join(' ') === 'update') return result?.updateP50 ?? Number.NaN;
  const key = rest.pop() as 'p50' | 'p95' | 'p99';
  return result?.modes.find(({ mode }) => mode === rest.join(' '))?.[key] ?? Number.NaN;
}

/** The claims about Autocomplete beside its peers. */
export async function gateAutocomplete(gates: AutocompleteGates): Promise<Claim[]> {
  // Those that are compared take turns in one process: what slows the machine for seconds is in both sides of a ratio.
  const engines = ['native,fts5,sorted', 'fallback,flexsearch'];
  const names = engines.join().split(',');
  const compared = await compare({ size: gates.titles, engines, runs: gates.runs, budgetMs: 450, checks: 400 });
  const results = new Map(compared.map((result, i) => [names[i] as string, result]));
  return [
    ...gates.ratios.map(({ claim, ours, peer, max }) => ({
      claim,
      value: figure(results, ours) / figure(results, peer),
      max,
    })),
    ...gates.exact.flatMap((engine) =>
      (results.get(engine)?.modes ?? []).map(({ mode, exact }) =>
        mode === 'typo'
          ? { claim: `${engine}, ${mode}: share without the intended word among ten`, value: 1 - exact, max: 0.2 }
          : { claim: `${engine}, ${mode}: share of wrong answers`, value: 1 - exact, max: 0, always: true },
      ),
    ),
  ];
}

/** The claims about the goals that have no peer. */
export async function gateGoals(titles: number, bounds: GoalGates): Promise<Claim[]> {
  const goals = await measureGoals(titles, 100, false);
  return [
    ...Object.entries(bounds).map(([name, bound]) => {
      const value = goals.find(({ goal }) => goal === name)?.value ?? Number.NaN;
      return 'max' in bound
        ? { claim: name, value, max: bound.max }
        : { claim: `${name}: short of 1`, value: 1 - value, max: 1 - bound.min };
    }),
    ...goals.flatMap(({ goal, exact }) =>
      exact === undefined ? [] : [{ claim: `${goal}: share of wrong answers`, value: 1 - exact, max: 0, always: true }],
    ),
  ];
}
