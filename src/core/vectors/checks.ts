import { isUint32Array } from 'node:util/types';
import { Easy11Error } from '../errors';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import type { NearestOptions } from './types';

export const LIMITS = { ID: 2 ** 27 - 1, RESULTS: 1_000, TERMS: 4_096, WEIGHT: 1e9, LEAST_WEIGHT: 1e-9 } as const;

/** Throws ERR_EASY11_INVALID_ID. */
export function checkId(id: unknown): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= LIMITS.ID) return id;
  throw new Easy11Error('ERR_EASY11_INVALID_ID', `An id must be an integer from 0 to ${LIMITS.ID}, not ${show(id)}`);
}

/** The weight as it is kept: to 24 bits. Throws ERR_EASY11_INVALID_WEIGHT. */
export function checkWeight(weight: unknown): number {
  // Rounded first: what is rounded out of the range is out of it.
  const kept = typeof weight === 'number' ? Math.fround(weight) : NaN;
  if (kept === 0 && weight === 0) return 0;
  if (kept >= Math.fround(LIMITS.LEAST_WEIGHT) && kept <= LIMITS.WEIGHT) return kept;
  throw new Easy11Error(
    'ERR_EASY11_INVALID_WEIGHT',
    `A weight must be 0, or a number from ${LIMITS.LEAST_WEIGHT} to ${LIMITS.WEIGHT}, not ${show(weight)}`,
  );
}

/** Throws ERR_EASY11_INVALID_TEXT. */
export function checkTerm(term: unknown): string {
  if (typeof term === 'string' && term.length > 0 && term.length <= 1_024) return term;
  throw new Easy11Error(
    'ERR_EASY11_INVALID_TEXT',
    `A term must be a string of 1 to 1,024 characters, not ${show(term)}`,
  );
}

const NEAREST = ['limit', 'minScore', 'exclude', 'filter'] as const;
const NOBODY = new Uint32Array(0);

/** Options as the engine takes them. */
export interface Wanted {
  readonly limit: number;
  readonly least: number;
  /** Ascending. */
  readonly excluded: Uint32Array;
  readonly bits: Uint32Array | null;
  readonly may: ((id: number) => boolean) | undefined;
}

/** Throws ERR_EASY11_INVALID_OPTION, _INVALID_LIMIT, _INVALID_ID or _INVALID_FILTER. */
export function readNearest(options: NearestOptions, self: number | undefined): Wanted {
  checkOptionNames(options, NEAREST);
  const { limit = 10, minScore = 0, exclude, filter } = options;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > LIMITS.RESULTS)
    throw new Easy11Error(
      'ERR_EASY11_INVALID_LIMIT',
      `limit must be an integer from 1 to ${LIMITS.RESULTS}, not ${show(limit)}`,
    );
  if (typeof minScore !== 'number' || !(minScore >= 0 && minScore <= 1))
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `minScore must be a number from 0 to 1, not ${show(minScore)}`);
  if (filter !== undefined && typeof filter !== 'function' && !isUint32Array(filter))
    throw new Easy11Error(
      'ERR_EASY11_INVALID_FILTER',
      `filter must be a function or a Uint32Array, not ${show(filter)}`,
    );
  const may = typeof filter === 'function' ? filter : undefined;
  const bits = isUint32Array(filter) ? filter : null;
  return { limit, least: minScore, excluded: readExcluded(exclude, self), bits, may };
}

function readExcluded(exclude: NearestOptions['exclude'], self: number | undefined): Uint32Array {
  if (exclude === undefined) return self === undefined ? NOBODY : Uint32Array.of(self);
  if (typeof exclude !== 'object' || exclude === null || !(Symbol.iterator in exclude))
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `exclude must be an iterable of ids, not ${show(exclude)}`);
  const ids = Array.from(exclude, checkId);
  if (self !== undefined) ids.push(self);
  return Uint32Array.from(ids).sort();
}
