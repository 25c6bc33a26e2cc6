/** Pure decisions of the registry. */

/** A model may do so much worse than the one in production and still count as no worse: two windows of time are never alike. */
export const TOLERANCE = 0.02;

export interface Decision {
  readonly promoted: boolean;
  readonly verdict: string;
}

const percent = (skill: number): string => `${(skill * 100).toFixed(1)} %`;

/**
 * Whether a model takes the place in production: where it is not worse than the simplest thing that could be said, and not worse
 * than what is there. Skill is how much less wrong it was than that simplest thing, each on days that it had not seen.
 */
export function decide(skill: number, inProduction: number | undefined): Decision {
  if (!(skill >= 0))
    return { promoted: false, verdict: `not promoted: worse than the simplest guess, skill ${percent(skill)}` };
  if (inProduction !== undefined && skill < inProduction - TOLERANCE)
    return {
      promoted: false,
      verdict: `not promoted: skill ${percent(skill)}, and ${percent(inProduction)} of the model in production`,
    };
  return {
    promoted: true,
    verdict:
      inProduction === undefined
        ? `promoted: the first in production, skill ${percent(skill)}`
        : `promoted: skill ${percent(skill)}, after ${percent(inProduction)}`,
  };
}
