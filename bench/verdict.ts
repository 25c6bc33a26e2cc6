import { table } from './processes';

/** A goal, or a part of one, as a run found it. */
export interface Verdict {
  readonly goal: string;
  readonly threshold: string;
  readonly measured: string;
  /** What the peers of the same run took, or why there is none. */
  readonly beside: string;
  /** Undefined: this run did not measure it. */
  readonly isMet: boolean | undefined;
}

const WORDS = new Map<boolean | undefined, string>([
  [true, 'met'],
  [false, 'missed'],
  [undefined, 'not measured'],
]);

/** Whether a figure is at most so much; undefined where there is none. */
export const atMost = (value: number | undefined, bound: number): boolean | undefined =>
  value === undefined || !Number.isFinite(value) ? undefined : value <= bound;
export const atLeast = (value: number | undefined, bound: number): boolean | undefined =>
  value === undefined || !Number.isFinite(value) ? undefined : value >= bound;

/** Of several parts: one that is missed misses the goal, one that is not measured leaves it open. */
export function all(parts: readonly (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

export function printVerdicts(verdicts: readonly Verdict[]): string {
  return table(
    ['goal', 'at most, or at least', 'measured', 'beside it', 'verdict'],
    verdicts.map(({ goal, threshold, measured, beside, isMet }) => [
      goal,
      threshold,
      measured,
      beside,
      WORDS.get(isMet) ?? '',
    ]),
  );
}
