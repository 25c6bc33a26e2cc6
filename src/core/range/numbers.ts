import { Easy11Error } from '../errors';
import { show } from '../show';

export const LIMITS = {
  ID: 2 ** 27 - 1,
  RESULTS: 1_000,
  FACET_VALUES: 16_384,
  TEXT: 1_024,
  NUMBER: 2 ** 53,
  INT32: 2 ** 31 - 2,
} as const;

/** Throws ERR_EASY11_INVALID_ID. */
export function checkRowId(id: unknown): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= LIMITS.ID) return id;
  throw new Easy11Error(
    'ERR_EASY11_INVALID_ID',
    `A row's id must be an integer from 0 to ${LIMITS.ID}, not ${show(id)}`,
  );
}

/** Throws ERR_EASY11_INVALID_LIMIT. */
export function checkCount(value: unknown, name: string, most: number = LIMITS.RESULTS): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Easy11Error('ERR_EASY11_INVALID_LIMIT', `${name} must be an integer from 1 to ${most}, not ${show(value)}`);
}
