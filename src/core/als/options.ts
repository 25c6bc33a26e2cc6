import { availableParallelism } from 'node:os';
import { Easy11Error } from '../errors';
import { show } from '../show';
import type { AlsParameters } from './types';

export const LIMITS = {
  FACTORS: 1_024,
  ITERATIONS: 1_000,
  THREADS: 256,
  RESULTS: 1_000,
  WEIGHT: 1e9,
  ID: 1_024,
} as const;

/** The sizes that the defaults of α₀ and λ are made from. */
export interface Shape {
  readonly users: number;
  readonly items: number;
  /** Sum of weights. */
  readonly weight: number;
}

/**
 * α₀ and λ for data of this shape. All unobserved pairs together weigh ten times what was observed, and λ puts the geometric mean
 * of the average user's and item's regularisation at 0.3 (√n̄ᵤ + √n̄ᵢ): a fixed share of the largest singular value that a random
 * matrix of these row and column sums would have. Both are within a factor of two of what Rendle et al. (2022) found by search on
 * four data sets.
 */
export function defaultParameters(
  { users, items, weight }: Shape,
  nu = 1,
): { unobservedWeight: number; regularization: number } {
  if (users === 0 || items === 0 || weight === 0) return { unobservedWeight: 0.1, regularization: 0.01 };
  const unobservedWeight = Math.min(1, Math.max(1e-5, (10 * weight) / (users * items)));
  const perUser = weight / users;
  const perItem = weight / items;
  const wanted = 0.3 * (Math.sqrt(perUser) + Math.sqrt(perItem));
  const frequency = Math.sqrt((perUser + unobservedWeight * items) * (perItem + unobservedWeight * users));
  return { unobservedWeight, regularization: wanted / frequency ** nu };
}

/** What the caller gave, checked; `undefined` where it depends on the data. */
export type CheckedParameters = Required<Omit<AlsParameters, 'regularization' | 'unobservedWeight'>> &
  Pick<AlsParameters, 'regularization' | 'unobservedWeight'>;

/** Throws ERR_EASY11_INVALID_OPTION for the first parameter that is not acceptable. */
export function checkParameters(options: AlsParameters): CheckedParameters {
  const { factors = 64, iterations = 16, nu = 1, mode = 'fast', seed = 0 } = options;
  const { threads = Math.min(LIMITS.THREADS, availableParallelism()), regularization, unobservedWeight } = options;
  checkWhole('factors', factors, 1, LIMITS.FACTORS);
  checkWhole('iterations', iterations, 0, LIMITS.ITERATIONS);
  checkWhole('threads', threads, 1, LIMITS.THREADS);
  checkWhole('seed', seed, 0, 2 ** 32 - 1);
  checkNumber('nu', nu, 0, 2);
  if (regularization !== undefined) checkNumber('regularization', regularization, 0, 1e9);
  if (unobservedWeight !== undefined) checkNumber('unobservedWeight', unobservedWeight, 1e-9, 1e9);
  if (mode !== 'fast' && mode !== 'exact') throw invalid(`mode must be 'fast' or 'exact', not ${show(mode)}`);
  return {
    factors,
    iterations,
    nu,
    mode,
    threads,
    seed,
    ...(regularization === undefined ? {} : { regularization }),
    ...(unobservedWeight === undefined ? {} : { unobservedWeight }),
  };
}

/** Parameters that factors from elsewhere take. */
export const FOLD_IN_OPTIONS = ['regularization', 'unobservedWeight', 'nu', 'mode', 'threads', 'seed'] as const;
/** What `fit` takes but for `warmStart` and `onProgress`. */
export const TRAINING_OPTIONS = ['factors', 'iterations', ...FOLD_IN_OPTIONS, 'trackLoss', 'signal'] as const;

/** Lengths of lists to measure at. Throws ERR_EASY11_INVALID_OPTION. */
export function checkLengths(at: readonly number[]): readonly number[] {
  if (!Array.isArray(at) || at.length === 0) throw invalid(`at must be a list of lengths, not ${show(at)}`);
  for (const k of at as readonly number[]) checkWhole('at', k, 1, LIMITS.RESULTS);
  return at;
}

export function checkLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMITS.RESULTS)
    throw new Easy11Error(
      'ERR_EASY11_INVALID_LIMIT',
      `limit must be an integer from 1 to ${LIMITS.RESULTS}, not ${show(limit)}`,
    );
  return limit;
}

export function checkId(id: string | undefined, what: string): string {
  if (typeof id !== 'string' || id.length === 0 || id.length > LIMITS.ID)
    throw new Easy11Error(
      'ERR_EASY11_INVALID_ID',
      `${what} must be a string of 1 to ${LIMITS.ID} UTF-16 units, not ${show(id)}`,
    );
  return id;
}

/** A weight as the engines compute with it: in single precision, which must not turn something into nothing. */
export function checkWeight(weight: number): number {
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= LIMITS.WEIGHT))
    throw new Easy11Error('ERR_EASY11_INVALID_WEIGHT', `weight must be a number from 0 to 1e9, not ${show(weight)}`);
  return weight;
}

export function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalid(`${name} must be an integer from ${least} to ${most}, not ${show(value)}`);
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw invalid(`${name} must be a number from ${least} to ${most}, not ${show(value)}`);
}

export function invalid(message: string): Easy11Error {
  return new Easy11Error('ERR_EASY11_INVALID_OPTION', message);
}
