/** Logistic regression with an L2 penalty, fitted by Newton's method (iteratively reweighted least squares). Pure. */

export interface LogisticModel {
  /** What is taken off each feature, and what it is divided by, before its weight. */
  readonly means: readonly number[];
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
}

export interface LogisticOptions {
  /** The penalty on the squared weights of the standardised features; the intercept has none. */
  readonly penalty: number;
  readonly mostSteps?: number;
}

/** The logistic function, without overflow. */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** The log-odds that the model gives. */
export function score({ means, scales, weights, intercept }: LogisticModel, features: ArrayLike<number>): number {
  let sum = intercept;
  for (let index = 0; index < weights.length; index++)
    sum +=
      ((weights[index] as number) * ((features[index] as number) - (means[index] as number))) /
      (scales[index] as number);
  return sum;
}

/**
 * Minimises −log-likelihood + penalty · |weights|² / 2 over rows of features with labels 0 or 1. A feature that never varies gets the
 * weight 0. Throws RangeError without rows. O(steps · rows · features²).
 */
export function fitLogistic(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  { penalty, mostSteps = 50 }: LogisticOptions,
): LogisticModel {
  const size = rows[0]?.length;
  if (size === undefined) throw new RangeError('There are no rows to fit to');
  const { means, scales } = moments(rows, size);
  const standard = rows.map((row) => {
    const made = new Float64Array(size + 1);
    made[0] = 1;
    for (let index = 0; index < size; index++)
      made[index + 1] = ((row[index] as number) - (means[index] as number)) / (scales[index] as number);
    return made;
  });
  const theta = new Float64Array(size + 1);
  const objective = (at: Float64Array): number => {
    let sum = 0;
    standard.forEach((row, index) => {
      const z = dot(row, at);
      // log(1 + e^z) − label · z, without overflow.
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (labels[index] as number) * z;
    });
    for (let index = 1; index <= size; index++) sum += (penalty * (at[index] as number) ** 2) / 2;
    return sum;
  };
  let before = objective(theta);
  for (let step = 0; step < mostSteps; step++) {
    const direction = newtonStep(standard, labels, theta, penalty);
    // A full step may go too far where the classes part cleanly: halved until it does not make things worse.
    let share = 1;
    let [next, value] = [theta, before];
    for (; share > 1e-6; share /= 2) {
      next = theta.map((one, index) => one - share * (direction[index] as number));
      value = objective(next);
      if (value <= before) break;
    }
    if (share <= 1e-6) break;
    theta.set(next);
    const gain = before - value;
    before = value;
    if (gain <= 1e-10 * (1 + Math.abs(before))) break;
  }
  return { means, scales, weights: [...theta.subarray(1)], intercept: theta[0] as number };
}

function newtonStep(
  rows: readonly Float64Array[],
  labels: ArrayLike<number>,
  theta: Float64Array,
  penalty: number,
): Float64Array {
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
    // The smallest ridge keeps the intercept's line solvable too.
    line[index] = (line[index] as number) + (index === 0 ? 1e-9 : penalty);
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

function moments(
  rows: readonly ArrayLike<number>[],
  size: number,
): { readonly means: number[]; readonly scales: number[] } {
  const means = Array.from(
    { length: size },
    (_, index) => rows.reduce((sum, row) => sum + (row[index] as number), 0) / rows.length,
  );
  const scales = means.map((mean, index) => {
    const variance = rows.reduce((sum, row) => sum + ((row[index] as number) - mean) ** 2, 0) / rows.length;
    return variance > 1e-24 ? Math.sqrt(variance) : 1;
  });
  return { means, scales };
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number);
  return sum;
}
