/** What a search for a minimum found. */
export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  /** False when the evaluations ran out first. */
  readonly converged: boolean;
}

export interface NelderMeadOptions {
  /** How far the first simplex reaches in each direction. */
  readonly reach?: number;
  /** The search ends when the values of the simplex differ by less than this, relative to them. */
  readonly tolerance?: number;
  readonly mostEvaluations?: number;
}

interface Corner {
  readonly at: number[];
  readonly value: number;
}

/**
 * Minimises a function of a few variables without derivatives: the simplex of Nelder & Mead (1965), with the usual coefficients,
 * begun anew at what it found until that finds nothing better, since a simplex may collapse short of a minimum. Values that are not
 * finite count as worst. Deterministic.
 */
export function minimise(
  objective: (at: readonly number[]) => number,
  start: readonly number[],
  { reach = 0.5, tolerance = 1e-10, mostEvaluations = 20_000 }: NelderMeadOptions = {},
): Minimum {
  let evaluations = 0;
  const evaluate = (at: number[]): Corner => {
    evaluations++;
    const value = objective(at);
    return { at, value: Number.isFinite(value) ? value : Number.MAX_VALUE };
  };
  let best = evaluate([...start]);
  for (;;) {
    const found = descend(evaluate, best, reach, tolerance, () => evaluations >= mostEvaluations);
    const better = best.value - found.value > tolerance * (Math.abs(found.value) + 1);
    if (found.value <= best.value) best = found;
    if (evaluations >= mostEvaluations) return { ...best, evaluations, converged: false };
    if (!better) return { ...best, evaluations, converged: true };
  }
}

function descend(
  evaluate: (at: number[]) => Corner,
  start: Corner,
  reach: number,
  tolerance: number,
  spent: () => boolean,
): Corner {
  const size = start.at.length;
  const simplex: Corner[] = [start];
  for (let axis = 0; axis < size; axis++)
    simplex.push(evaluate(start.at.map((value, index) => (index === axis ? value + reach : value))));
  const corner = (index: number): Corner => simplex[index] as Corner;
  while (!spent()) {
    simplex.sort((left, right) => left.value - right.value);
    const [first, last] = [corner(0), corner(size)];
    if (last.value - first.value <= tolerance * (Math.abs(first.value) + 1) && width(simplex) < 1e-5) break;
    const middle = first.at.map((_, axis) => {
      let sum = 0;
      for (let index = 0; index < size; index++) sum += corner(index).at[axis] as number;
      return sum / size;
    });
    const along = (factor: number): Corner =>
      evaluate(middle.map((value, axis) => value + factor * ((last.at[axis] as number) - value)));
    const reflected = along(-1);
    if (reflected.value < first.value) {
      const expanded = along(-2);
      simplex[size] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < corner(size - 1).value) {
      simplex[size] = reflected;
    } else {
      const contracted = reflected.value < last.value ? along(-0.5) : along(0.5);
      if (contracted.value < Math.min(reflected.value, last.value)) simplex[size] = contracted;
      else
        for (let index = 1; index <= size; index++)
          simplex[index] = evaluate(corner(index).at.map((value, axis) => ((first.at[axis] as number) + value) / 2));
    }
  }
  return simplex.reduce((best, one) => (one.value < best.value ? one : best));
}

/** The largest distance of a corner from the first, along an axis. */
function width(simplex: readonly Corner[]): number {
  const first = (simplex[0] as Corner).at;
  return Math.max(...simplex.flatMap(({ at }) => at.map((value, axis) => Math.abs(value - (first[axis] as number)))));
}
