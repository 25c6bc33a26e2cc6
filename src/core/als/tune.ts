import { checkJobOptions } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { gridOf, neighboursOf } from './candidates';
import type { Fit } from './evaluate';
import { checkParameters, checkWhole, invalid, LIMITS } from './options';
import { columnsOf } from './reading';
import { type Split, splitInteractions } from './splits';
import { byQuality, type Candidate, candidateAt, TrialRunner, type Trials } from './trials';
import type { AlsParameters, FitOptions, Interaction } from './types';

export interface TuneOptions extends Pick<FitOptions, 'mode' | 'threads' | 'seed' | 'signal'> {
  /** Vectors' lengths to try. Default [64]. */
  readonly factors?: readonly number[];
  /** ν to try. Default [1, 0.5]. */
  readonly nu?: readonly number[];
  /** Passes of the last ones left, at least 1. Default 16. */
  readonly iterations?: number;
  /** Default: { kind: 'random', share: 0.2 }. */
  readonly split?: Exclude<Split, { kind: 'users' }>;
  readonly onProgress?: (trial: Trial) => void;
}

export interface Trial {
  readonly parameters: AlsParameters;
  readonly iterations: number;
  /** NDCG@20 on the held-out part. */
  readonly ndcg: number;
}

export interface Tuning {
  /** For `fit` on all data. */
  readonly best: AlsParameters;
  readonly ndcg: number;
  readonly trials: readonly Trial[];
  /** What it cost, by work, in trainings of `iterations` iterations with the most factors: at most 10. */
  readonly trainings: number;
}

/** In full trainings: what all may cost, the grid of the most factors, those of fewer, and the second round; the rest is for the last. */
const BUDGET = { ALL: 10, GRID: 3.7, FEWER: 1.6, SECOND: 1.7 } as const;
/** Iterations of the first rounds. */
const ROUNDS = { FIRST: 2, SECOND: 6 } as const;
/** Whose neighbours are tried, at most. */
const CENTRES = 4;

/**
 * What `AlsModel.tune` and `tuneAls` do: successive halving (Jamieson, Talwalkar 2016) for at most ten full trainings.
 *
 * The grid of the most factors gets two iterations, or as much of it as its budget allows, spread evenly; the best quarter is then
 * tried with fewer factors. The best quarter of all goes on to six iterations; the best of those, and of every other number of factors,
 * to the end, with neighbours of the very best. Models go on from where they were.
 */
export async function tune(fit: Fit, interactions: Iterable<Interaction>, options: TuneOptions): Promise<Tuning> {
  const { sizes, nus, split, iterations, common } = checkTuneOptions(options);
  const { train, test } = splitInteractions(interactions, split);
  const columns = columnsOf(train);
  const shape = {
    ...{ users: columns.userIds.length, items: columns.itemIds.length },
    weight: train.reduce((sum, { weight = 1 }) => sum + weight, 0),
  };
  const about: Trials = {
    ...{ fit, train: columns, test, shape, iterations, most: sizes[0] as number },
    ...{ budget: BUDGET.ALL, options: common },
  };
  const runner = new TrialRunner(about);
  try {
    const started = await firstRound(runner, about, sizes, nus);
    const going = await secondRound(runner, about, started);
    const winner = await lastRound(runner, about, going);
    const { signal: _signal, onProgress: _onProgress, ...rest } = common;
    const best = { ...rest, ...winner.point, iterations };
    return { best, ndcg: winner.ndcg, trials: runner.trials, trainings: runner.spent };
  } finally {
    runner.close();
  }
}

/** Tries the grid, and what is best of it with fewer factors. Best first. */
async function firstRound(
  runner: TrialRunner,
  { shape, iterations, most }: Trials,
  [, ...fewer]: readonly number[],
  nus: readonly number[],
): Promise<Candidate[]> {
  const grid = gridOf(shape, most, nus).map(candidateAt);
  const budget = BUDGET.GRID + (fewer.length === 0 ? BUDGET.FEWER : 0);
  const target = Math.min(ROUNDS.FIRST, iterations);
  const tried = runner.affordable(grid, target, budget);
  for (const one of tried) await runner.advance(one, target);
  tried.sort(byQuality);
  const best = tried.slice(0, Math.ceil(tried.length / 4));
  const smaller = best.flatMap(({ point }) => fewer.map((factors) => candidateAt({ ...point, factors })));
  const triedToo = runner.affordable(smaller, target, BUDGET.FEWER);
  for (const one of triedToo) await runner.advance(one, target);
  return [...tried, ...triedToo].sort(byQuality);
}

async function secondRound(
  runner: TrialRunner,
  { iterations }: Trials,
  tried: readonly Candidate[],
): Promise<Candidate[]> {
  const quarter = tried.slice(0, Math.ceil(tried.length / 4));
  const isShort = iterations <= ROUNDS.SECOND;
  const going = isShort ? quarter : runner.affordable(quarter, ROUNDS.SECOND, BUDGET.SECOND);
  runner.drop(tried.filter((one) => !going.includes(one)));
  if (!isShort) for (const one of going) await runner.advance(one, ROUNDS.SECOND);
  return going.sort(byQuality);
}

/**
 * Brings the best to the end, and that of every other number of factors; then neighbours of the best of all, the second one of the
 * second round, and for as long as the budget lasts neighbours of the next best. Returns the winner.
 */
async function lastRound(runner: TrialRunner, { iterations }: Trials, going: readonly Candidate[]): Promise<Candidate> {
  const finished: Candidate[] = [];
  const finish = async (wanted: readonly Candidate[]): Promise<void> => {
    for (const one of runner.affordable(wanted, iterations, BUDGET.ALL)) {
      await runner.advance(one, iterations);
      finished.push(one);
    }
    finished.sort(byQuality);
  };
  // One that goes on from a finished model needs what the last round is for the others.
  const begun = iterations > ROUNDS.SECOND ? ROUNDS.SECOND : 0;
  const looked = new Set<Candidate>();
  const lookAround = async (centre: Candidate): Promise<void> => {
    looked.add(centre);
    const from = begun > 0 ? { from: centre.model, done: begun } : {};
    await finish(neighboursOf(centre.point).map((point) => ({ ...candidateAt(point), ...from })));
  };
  const firsts = going.filter((one, i) => going.findIndex(({ point }) => point.factors === one.point.factors) === i);
  await finish(firsts);
  const [leader] = finished;
  if (!leader) throw invalid('There is no candidate');
  await lookAround(leader);
  await finish(going.slice(0, 2).filter((one) => !firsts.includes(one)));
  while (looked.size < CENTRES) {
    const next = finished.find((one) => !looked.has(one));
    if (!next) break;
    await lookAround(next);
  }
  return finished[0] ?? leader;
}

function checkTuneOptions(options: TuneOptions): {
  /** The most first. */
  sizes: readonly number[];
  nus: readonly number[];
  iterations: number;
  split: Split;
  common: Trials['options'];
} {
  const names = ['factors', 'nu', 'iterations', 'split', 'onProgress', 'mode', 'threads', 'seed', 'signal'];
  checkOptionNames(options, names);
  checkJobOptions(options);
  const { factors = [64], nu = [1, 0.5], iterations = 16, split = { kind: 'random' }, ...common } = options;
  for (const [name, list] of Object.entries({ factors, nu }))
    if (!Array.isArray(list) || list.length === 0)
      throw invalid(`${name} must be a list of values to try, not ${show(list)}`);
  for (const one of factors) checkParameters({ ...common, factors: one });
  for (const one of nu) checkParameters({ nu: one });
  checkWhole('iterations', iterations, 1, LIMITS.ITERATIONS);
  if ((split as Split | null)?.kind === 'users')
    throw invalid('A split by users measures no parameters of theirs: use random or time');
  const sizes = [...new Set(factors)].sort((a, b) => b - a);
  return { sizes, nus: [...new Set(nu)], iterations, split, common };
}
