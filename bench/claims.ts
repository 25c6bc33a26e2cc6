import { median } from './processes';

/** A figure and the most it may be. */
export interface Claim {
  readonly claim: string;
  readonly value: number;
  readonly max: number;
  /** About answers, not about time: must hold in every measurement. */
  readonly always?: boolean;
}

/** NaN, the figure of a row that is missing, holds nothing. */
export const holds = ({ value, max }: Claim): boolean => value <= max;

/**
 * Measures once when all is well, else three times, for the median of each figure to decide: one slow spell of the machine breaks no
 * gate. An answer that was wrong once stays wrong.
 */
export async function confirmed(measure: () => Promise<readonly Claim[]>): Promise<readonly Claim[]> {
  const first = await measure();
  const broken = first.filter((claim) => !holds(claim));
  if (broken.length === 0) return first;
  for (const { claim, value, max } of broken)
    console.log(`again   ${claim}  (${value.toPrecision(3)}, at most ${max}): measured twice more`);
  const runs = [first, await measure(), await measure()];
  return first.map((claim, i) => {
    const values = runs.map((run) => run[i]?.value ?? Number.NaN);
    const worst = values.find((value) => !(value <= claim.max)) ?? claim.value;
    return { ...claim, value: claim.always ? worst : values.some(Number.isNaN) ? Number.NaN : median(values) };
  });
}
