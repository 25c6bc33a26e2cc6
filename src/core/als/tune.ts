import { AlsModel } from './als-model';
import { defaultParameters, invalid } from './options';
import { nextTurn } from './reading';
import { type Split, splitInteractions } from './splits';
import type { AlsParameters, FitOptions, History, Interaction } from './types';
import { baselineMetrics, type BaselineMetrics } from './baselines';
import type { Metrics } from './metrics';

export interface EvaluateOptions extends Omit<FitOptions, 'warmStart' | 'onProgress'> {
  /** Default: { kind: 'random', share: 0.2 }. */
  readonly split?: Split;
  /** Lengths of lists. Default [20]. */
  readonly at?: readonly number[];
}

/** One model measured beside the baselines. */
export interface Evaluation extends BaselineMetrics {
  readonly als: Metrics;
}

/**
 * Splits interactions, learns from one part and measures on the other, beside most-popular and item-item cosine.
 * Rejects as `fit` does.
 */
export async function evaluateAls(
  interactions: Iterable<Interaction>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { split = { kind: 'random' }, at = [20], ...fitOptions } = options;
  const { train, test, foldIn } = splitInteractions(interactions, split);
  using model = await AlsModel.fit(train, fitOptions);
  const histories = new Map<string, Interaction[]>();
  for (const one of foldIn) {
    const own = histories.get(one.user);
    if (own) own.push(one);
    else histories.set(one.user, [one]);
  }
  for (const [user, history] of histories) await model.updateUser(user, history satisfies History);
  const signal = options.signal ? { signal: options.signal } : {};
  const als = await model.evaluate(test, { at, ...signal });
  return { als, ...(await baselineMetrics([...train, ...foldIn], test, { at, ...signal })) };
}

export interface TuneOptions extends Pick<FitOptions, 'mode' | 'threads' | 'seed' | 'signal'> {
  /** Vectors' lengths to try. Default [64]. */
  readonly factors?: readonly number[];
  /** ν to try. Default [1, 0.5]. */
  readonly nu?: readonly number[];
  /** Passes of the last ones left. Default 16. */
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
  /** What it cost, in trainings of `iterations` iterations. */
  readonly trainings: number;
}

/** λ and α₀ as multiples of the defaults. */
const LAMBDAS = [0.1, 0.3, 1, 3];
const ALPHAS = [0.25, 1, 4];
/** What is tried around the best of them in the end: multiples of λ and of α₀. */
const NEAR = [
  [1.5, 1],
  [1 / 1.5, 1],
  [1, 2],
  [1, 0.5],
] as const;

interface Candidate {
  readonly parameters: AlsParameters;
  /** Its own, or none yet; then it goes on from another's. */
  model: AlsModel | undefined;
  readonly from?: AlsModel | undefined;
  done: number;
  ndcg: number;
}

/** Around a candidate, whose model they all go on from. */
function neighbours({ parameters, model, done }: Candidate): Candidate[] {
  const { regularization = 0, unobservedWeight = 0 } = parameters;
  return NEAR.map(([lambda, alpha]) => ({
    parameters: {
      ...parameters,
      unobservedWeight: unobservedWeight * alpha,
      regularization: (regularization * lambda) / alpha ** (parameters.nu ?? 1),
    },
    ...{ model: undefined, from: model, done, ndcg: 0 },
  }));
}

/**
 * Looks for α₀, λ, ν and the number of factors by successive halving (Jamieson, Talwalkar 2016): every candidate gets two iterations,
 * the best quarter goes on to six, the best quarter of those to `iterations`, with four neighbours of the very best; models go on from
 * where they were. With the default candidates that costs less than ten full trainings. Rejects as `fit` does.
 */
export async function tuneAls(interactions: Iterable<Interaction>, options: TuneOptions = {}): Promise<Tuning> {
  const { factors = [64], nu = [1, 0.5], iterations = 16, split = { kind: 'random' }, onProgress, ...rest } = options;
  if (factors.length === 0 || nu.length === 0) throw invalid('factors and nu must not be empty');
  const { train, test } = splitInteractions(interactions, split);
  const shape = {
    users: new Set(train.map(({ user }) => user)).size,
    items: new Set(train.map(({ item }) => item)).size,
    weight: train.reduce((sum, { weight = 1 }) => sum + weight, 0),
  };
  let running: Candidate[] = [];
  for (const f of factors)
    for (const power of nu)
      for (const alpha of ALPHAS)
        for (const lambda of LAMBDAS) {
          const base = defaultParameters(shape, power);
          const unobservedWeight = base.unobservedWeight * alpha;
          // α₀ is part of λ's scale: the product stays where the default has it.
          const regularization = base.regularization * lambda * ((10 + 1) / (10 * alpha + 1)) ** power;
          running.push({
            parameters: { ...rest, factors: f, nu: power, unobservedWeight, regularization },
            model: undefined,
            done: 0,
            ndcg: 0,
          });
        }
  const trials: Trial[] = [];
  let spent = 0;
  try {
    for (const target of [Math.min(2, iterations), Math.min(6, iterations), iterations]) {
      for (const one of running) {
        if (target > one.done) {
          const known = one.model ?? one.from;
          const warm = known ? { warmStart: known } : {};
          const next = await AlsModel.fit(train, { ...one.parameters, iterations: target - one.done, ...warm });
          one.model?.close();
          one.model = next;
          spent += target - one.done;
          one.done = target;
        }
        if (!one.model) throw invalid('iterations must be at least 1');
        one.ndcg = (await one.model.evaluate(test, { at: [20] })).ndcg[20] ?? 0;
        const trial = { parameters: { ...one.parameters, iterations }, iterations: target, ndcg: one.ndcg };
        trials.push(trial);
        onProgress?.(trial);
        await nextTurn();
      }
      running.sort((a, b) => b.ndcg - a.ndcg);
      const keep = target === iterations ? 1 : Math.ceil(running.length / 4);
      for (const { model } of running.slice(keep)) model?.close();
      running = running.slice(0, keep);
      // First, as the model that they go on from is closed when its own candidate has gone on.
      if (target === 6 && target < iterations && running[0]) running.unshift(...neighbours(running[0]));
    }
    const [winner] = running;
    if (!winner) throw invalid('There is no candidate');
    const { signal: _, ...best } = winner.parameters as FitOptions;
    return { best: { ...best, iterations }, ndcg: winner.ndcg, trials, trainings: spent / iterations };
  } finally {
    for (const { model } of running) model?.close();
  }
}
