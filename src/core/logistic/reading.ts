import { Easy11Error } from '../errors';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import type { LogisticOptions, LogisticParameters } from './types';

/** What callers hand in, checked. All errors are Easy11Errors. */

/** ERR_EASY11_INVALID_OPTION for an option that there is none of, or whose value is none. */
export function readOptions(options: LogisticOptions): Required<LogisticOptions> {
  checkOptionNames(options, ['penalty', 'mostSteps', 'tolerance']);
  const { penalty = 1, mostSteps = 50, tolerance = 1e-8 } = options;
  if (!(typeof penalty === 'number' && penalty >= 0 && penalty <= 1e9))
    throw invalid(`penalty must be a number from 0 to 1e9, not ${show(penalty)}`);
  if (!(Number.isInteger(mostSteps) && mostSteps >= 1 && mostSteps <= 10_000))
    throw invalid(`mostSteps must be a whole number from 1 to 10000, not ${show(mostSteps)}`);
  if (!(typeof tolerance === 'number' && tolerance > 0 && tolerance < 1))
    throw invalid(`tolerance must be a number between 0 and 1, not ${show(tolerance)}`);
  return { penalty, mostSteps, tolerance };
}

/**
 * How many features each row has. ERR_EASY11_EMPTY_DATA without a row, ERR_EASY11_DIMENSION_MISMATCH where lengths differ,
 * ERR_EASY11_INVALID_VALUE for a feature that is no number within ±1e150 and a label that is neither 0 nor 1, ERR_EASY11_ONE_CLASS where all are alike.
 */
export function checkData(rows: readonly ArrayLike<number>[], labels: ArrayLike<number>): number {
  const [first] = rows;
  if (first === undefined) throw new Easy11Error('ERR_EASY11_EMPTY_DATA', 'There is no row to learn from');
  if (labels.length !== rows.length) throw mismatch(`There are ${rows.length} rows and ${labels.length} labels`);
  let ones = 0;
  rows.forEach((row, index) => {
    if (row.length !== first.length)
      throw mismatch(`Row ${index} has ${row.length} features where the first has ${first.length}`);
    checkFinite(row, `Feature %s of row ${index}`);
    const label: unknown = labels[index];
    if (label !== 0 && label !== 1) throw wrong(`Label ${index} must be 0 or 1, not ${show(label)}`);
    ones += label;
  });
  if (ones === 0 || ones === rows.length)
    throw new Easy11Error('ERR_EASY11_ONE_CLASS', `All ${rows.length} labels are ${ones === 0 ? 0 : 1}`);
  return first.length;
}

/** ERR_EASY11_DIMENSION_MISMATCH or ERR_EASY11_INVALID_VALUE where these are not the features of one row. */
export function checkFeatures(features: ArrayLike<number>, count: number): void {
  if (features.length !== count) throw mismatch(`The model has ${count} features, the row has ${features.length}`);
  checkFinite(features, 'Feature %s');
}

/** A copy of parameters from elsewhere. ERR_EASY11_DIMENSION_MISMATCH or ERR_EASY11_INVALID_VALUE where they are none. */
export function readParameters({ means, scales, weights, intercept }: LogisticParameters): LogisticParameters {
  for (const [name, list] of Object.entries({ means, scales, weights })) {
    if (!Array.isArray(list)) throw wrong(`${name} must be a list, not ${show(list)}`);
    if (list.length !== weights.length)
      throw mismatch(`There are ${list.length} ${name} for ${weights.length} weights`);
    checkFinite(list, `Number %s of ${name}`);
  }
  checkFinite([intercept], 'The intercept');
  const flat = scales.findIndex((scale) => scale <= 0);
  if (flat >= 0) throw wrong(`Number ${flat} of scales must be above 0, not ${show(scales[flat])}`);
  return { means: [...means], scales: [...scales], weights: [...weights], intercept };
}

/** Beyond it, squares and sums of them would be more than a double holds. */
const LARGEST = 1e150;

function checkFinite(values: ArrayLike<number>, name: string): void {
  for (let index = 0; index < values.length; index++)
    if (!(typeof values[index] === 'number' && Math.abs(values[index] as number) <= LARGEST))
      throw wrong(`${name.replace('%s', String(index))} must be a number within ±1e150, not ${show(values[index])}`);
}

const invalid = (message: string): Easy11Error => new Easy11Error('ERR_EASY11_INVALID_OPTION', message);
const wrong = (message: string): Easy11Error => new Easy11Error('ERR_EASY11_INVALID_VALUE', message);
const mismatch = (message: string): Easy11Error => new Easy11Error('ERR_EASY11_DIMENSION_MISMATCH', message);
