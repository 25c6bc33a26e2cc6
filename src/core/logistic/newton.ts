/** The objective of logistic regression and Newton's way to its least value (iteratively reweighted least squares). Pure. */

/** The logistic function 1 / (1 + e^−x), without overflow: a probability from log-odds. */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** What is minimised over theta, whose first place is the intercept: rows begin with 1, `penalty` is on all others. */
export interface Problem {
  readonly rows: readonly Float64Array[];
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  readonly penalty: number;
}

export interface Descent {
  readonly theta: Float64Array;
  readonly loss: number;
  readonly steps: number;
  readonly converged: boolean;
}

/** A step below it no more is gained by halving: the objective is flat to the last digit. */
const LEAST_SHARE = 1e-6;

/**
 * Takes Newton steps until one is no longer than `tolerance` beside the largest weight. Where the objective has no least value (no penalty,
 * and classes that one line parts) the steps stay as long as they are and it ends at `mostSteps`, not converged.
 * O(steps · rows · features²).
 */
export function descend(problem: Problem, { mostSteps, tolerance }: { mostSteps: number; tolerance: number }): Descent {
  let theta = new Float64Array(problem.rows[0]?.length ?? 0);
  let loss = lossAt(problem, theta);
  for (let steps = 1; steps <= mostSteps; steps++) {
    const direction = newtonStep(problem, theta);
    const whole = theta.map((one, index) => one - (direction[index] as number));
    const converged = largest(direction) <= tolerance * (1 + largest(theta));
    if (converged) return { theta: whole, loss: lossAt(problem, whole), steps, converged };
    // A whole step may go too far where the classes part cleanly: halved until it does not make things worse, but for rounding.
    const bound = loss + 1e-13 * (1 + loss);
    let share = 1;
    let next = whole;
    let value = lossAt(problem, next);
    while (!(value <= bound) && share > LEAST_SHARE) {
      share /= 2;
      next = theta.map((one, index) => one - share * (direction[index] as number));
      value = lossAt(problem, next);
    }
    if (!(value <= bound)) return { theta, loss, steps, converged: false };
    [theta, loss] = [next, value];
  }
  return { theta, loss, steps: mostSteps, converged: false };
}

function lossAt({ rows, labels, penalty }: Problem, theta: Float64Array): number {
  let sum = 0;
  rows.forEach((row, index) => {
    const z = dot(row, theta);
    // log(1 + e^z) − label · z, without overflow.
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (labels[index] as number) * z;
  });
  for (let index = 1; index < theta.length; index++) sum += (penalty * (theta[index] as number) ** 2) / 2;
  return sum;
}

function newtonStep({ rows, labels, penalty }: Problem, theta: Float64Array): Float64Array {
  const size = theta.length;
  const gradient = new Float64Array(size);
  const hessian = Array.from({ length: size }, () => new Float64Array(size));
  rows.forEach((row, index) => {
    const p = sigmoid(dot(row, theta));
    const weight = Math.max(p * (1 - p), 1e-12);
    const error = p - (labels[index] as number);
    for (let left = 0; left < size; left++) {
      const value = row[left] as number;
      gradient[left] = (gradient[left] as number) + error * value;
      const line = hessian[left] as Float64Array;
      for (let right = 0; right <= left; right++)
        line[right] = (line[right] as number) + weight * value * (row[right] as number);
    }
  });
  for (let index = 0; index < size; index++) {
    const line = hessian[index] as Float64Array;
    // The smallest ridge keeps a line solvable that nothing else holds: the intercept's, or all without a penalty.
    line[index] = (line[index] as number) + Math.max(index === 0 ? 0 : penalty, 1e-9);
    if (index > 0) gradient[index] = (gradient[index] as number) + penalty * (theta[index] as number);
  }
  return solve(hessian, gradient);
}

/** Solves L·Lᵀ·x = right for a symmetric positive definite matrix, of which the lower triangle is read: Cholesky. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const at = (row: number, column: number): number => (matrix[row] as Float64Array)[column] as number;
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      (matrix[row] as Float64Array)[column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-300)) : sum / at(column, column);
    }
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) x[row] = (x[row] as number) - at(row, k) * (x[k] as number);
    x[row] = (x[row] as number) / at(row, row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) x[row] = (x[row] as number) - at(k, row) * (x[k] as number);
    x[row] = (x[row] as number) / at(row, row);
  }
  return x;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number);
  return sum;
}

const largest = (values: Float64Array): number => values.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
