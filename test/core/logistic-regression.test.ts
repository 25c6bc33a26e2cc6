import fc from 'fast-check';
import { Easy11Error, LogisticRegression, type LogisticOptions } from '../../src/core';
import { Random } from '../support/random';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

interface Data {
  readonly rows: number[][];
  readonly labels: number[];
}

/** Rows whose labels are drawn from a line of their own, some of each. */
function draw(seed: number, count = 60, features = 3): Data {
  const random = new Random(seed);
  const line = Array.from({ length: features }, () => 2 * random.next() - 1);
  const rows = Array.from({ length: count }, () => line.map(() => 4 * random.next() - 2));
  const labels = rows.map((row) =>
    Number(random.next() < sigmoid(row.reduce((sum, x, index) => sum + x * line[index]!, 0))),
  );
  [labels[0], labels[1]] = [0, 1];
  return { rows, labels };
}

const seeds = fc.integer({ min: 1, max: 1e6 });
const check = (holds: (data: Data) => void): void =>
  fc.assert(
    fc.property(seeds, (seed) => holds(draw(seed))),
    { seed: 1, numRuns: 40 },
  );

/** −log-likelihood and penalty of any line, written anew from the definition. */
function lossOf({ rows, labels }: Data, weights: readonly number[], intercept: number, penalty: number): number {
  const likelihood = rows.reduce((sum, row, index) => {
    const p = sigmoid(row.reduce((z, x, at) => z + x * weights[at]!, intercept));
    return sum - Math.log(labels[index] === 1 ? p : 1 - p);
  }, 0);
  return likelihood + (penalty / 2) * weights.reduce((sum, weight) => sum + weight ** 2, 0);
}

/** The features as the penalty sees them: mean 0, deviation 1. */
function standardised({ rows, labels }: Data, { means, scales }: LogisticRegression['parameters']): Data {
  return { rows: rows.map((row) => row.map((x, index) => (x - means[index]!) / scales[index]!)), labels };
}

test('finds what others have found: hours of study and passed exams', () => {
  const hours = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5];
  const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
  const model = LogisticRegression.fit(
    hours.map((hour) => [hour]),
    passed,
    { penalty: 0 },
  );
  const slope = model.logOdds([1]) - model.logOdds([0]);
  expect(model.logOdds([0])).toBeCloseTo(-4.0777, 4);
  expect(slope).toBeCloseTo(1.5046, 4);
  expect(model.probability([2])).toBeCloseTo(0.2557, 4);
  expect(model.fit).toMatchObject({ converged: true });
});

test('of one feature with two values gives the shares of each, as the closed form says', () => {
  const rows = [...Array<number[]>(10).fill([0]), ...Array<number[]>(10).fill([1])];
  const labels = rows.map(([x], index) => (x === 0 ? Number(index < 2) : Number(index < 17)));
  const model = LogisticRegression.fit(rows, labels, { penalty: 0 });
  expect(model.probability([0])).toBeCloseTo(0.2, 10);
  expect(model.probability([1])).toBeCloseTo(0.7, 10);
});

test('finds again the weights that labels were drawn with', () => {
  const random = new Random(2);
  const rows = Array.from({ length: 8_000 }, () => [-Math.log(1 - random.next()), random.next()]);
  const labels = rows.map(([x, y]) => Number(random.next() < sigmoid(1.5 * x! - 2 * y! - 0.5)));
  const { weights, scales } = LogisticRegression.fit(rows, labels, { penalty: 0.01 }).parameters;
  expect(Math.abs(weights[0]! / scales[0]! - 1.5)).toBeLessThan(0.15);
  expect(Math.abs(weights[1]! / scales[1]! + 2)).toBeLessThan(0.3);
});

describe('the weights it ends with', () => {
  test('are where the gradient of the objective is zero, by differences of the definition', () => {
    check((data) => {
      const model = LogisticRegression.fit(data.rows, data.labels, { penalty: 0.5 });
      const own = standardised(data, model.parameters);
      const at = [...model.parameters.weights, model.parameters.intercept];
      const loss = (theta: readonly number[]): number => lossOf(own, theta.slice(0, -1), theta.at(-1)!, 0.5);
      expect(model.fit?.converged).toBe(true);
      expect(model.fit?.loss).toBeCloseTo(loss(at), 8);
      at.forEach((_, index) => {
        const moved = (by: number): number => loss(at.map((one, place) => (place === index ? one + by : one)));
        expect(Math.abs(moved(1e-4) - moved(-1e-4)) / 2e-4).toBeLessThan(1e-6);
      });
    });
  });

  test('are those of a plain descent along the gradient, which takes thousands of steps', () => {
    const data = draw(5, 40, 2);
    const model = LogisticRegression.fit(data.rows, data.labels, { penalty: 2 });
    const { rows, labels } = standardised(data, model.parameters);
    let theta = [0, 0, 0];
    for (let step = 0; step < 20_000; step++) {
      const gradient = [2 * theta[0]!, 2 * theta[1]!, 0];
      rows.forEach(([x, y], index) => {
        const error = sigmoid(theta[0]! * x! + theta[1]! * y! + theta[2]!) - labels[index]!;
        [error * x!, error * y!, error].forEach((one, at) => (gradient[at] = gradient[at]! + one));
      });
      theta = theta.map((one, at) => one - 0.02 * gradient[at]!);
    }
    const { weights, intercept } = model.parameters;
    [...weights, intercept].forEach((one, at) => expect(one).toBeCloseTo(theta[at]!, 9));
  });

  test('do not depend on the order of rows, and follow that of the features', () => {
    check(({ rows, labels }) => {
      const model = LogisticRegression.fit(rows, labels);
      const turned = LogisticRegression.fit([...rows].reverse(), [...labels].reverse());
      const swapped = LogisticRegression.fit(
        rows.map(([a, b, c]) => [c!, a!, b!]),
        labels,
      );
      for (const [a, b, c] of rows) {
        expect(turned.logOdds([a!, b!, c!])).toBeCloseTo(model.logOdds([a!, b!, c!]), 9);
        expect(swapped.logOdds([c!, a!, b!])).toBeCloseTo(model.logOdds([a!, b!, c!]), 9);
      }
    });
  });

  test('say the same whatever units and zero the features have, and the opposite when the labels are exchanged', () => {
    check(({ rows, labels }) => {
      const model = LogisticRegression.fit(rows, labels);
      const units = ([a, b, c]: number[]): number[] => [1e6 * a! + 3, -b! / 1e4, c! - 50];
      const scaled = LogisticRegression.fit(rows.map(units), labels);
      const opposite = LogisticRegression.fit(
        rows,
        labels.map((label) => 1 - label),
      );
      for (const row of rows) {
        expect(scaled.logOdds(units(row))).toBeCloseTo(model.logOdds(row), 6);
        expect(opposite.logOdds(row)).toBeCloseTo(-model.logOdds(row), 9);
      }
    });
  });

  test('are the same at every run, and survive JSON', () => {
    const { rows, labels } = draw(9);
    const model = LogisticRegression.fit(rows, labels);
    expect(LogisticRegression.fit(rows, labels)).toEqual(model);
    const stored = JSON.parse(JSON.stringify(model.parameters)) as LogisticRegression['parameters'];
    const back = LogisticRegression.from(stored);
    expect(back.fit).toBeUndefined();
    for (const row of rows) expect(back.probability(row)).toBe(model.probability(row));
  });
});

describe('where one line parts the classes', () => {
  const rows = Array.from({ length: 40 }, (_, index) => [index]);
  const labels = rows.map(([x]) => Number(x! >= 20));

  test('the weights stay finite, and shrink as the penalty grows', () => {
    const [weak, strong] = [0.1, 100].map((penalty) => LogisticRegression.fit(rows, labels, { penalty }));
    for (const model of [weak, strong]) expect(model?.fit?.converged).toBe(true);
    expect(strong!.parameters.weights[0]).toBeGreaterThan(0);
    expect(weak!.parameters.weights[0]).toBeGreaterThan(2 * strong!.parameters.weights[0]!);
  });

  test('it says that it did not converge without a penalty, and its probabilities are numbers all the same', () => {
    const model = LogisticRegression.fit(rows, labels, { penalty: 0 });
    expect(model.fit).toMatchObject({ converged: false });
    for (const row of rows) expect(Number.isFinite(model.logOdds(row))).toBe(true);
    expect(model.probability([0])).toBeLessThan(0.001);
    expect(model.probability([39])).toBeGreaterThan(0.999);
  });
});

test('a feature that never varies has the weight 0, and copies of one share its weight', () => {
  const { rows, labels } = draw(3);
  for (const penalty of [0, 1]) {
    const model = LogisticRegression.fit(
      rows.map(([a]) => [a!, 0.1, a!]),
      labels,
      { penalty },
    );
    const [left, flat, right] = model.parameters.weights;
    expect(flat).toBe(0);
    expect(left).toBeCloseTo(right!, 6);
  }
});

describe('what cannot be learnt from is refused by a code', () => {
  const codeOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof Easy11Error) return error.code;
      throw error;
    }
    return 'nothing was thrown';
  };
  const two = [[1], [2]];
  const fit = (rows: unknown, labels: unknown, options: unknown = {}) =>
    LogisticRegression.fit(rows as number[][], labels as number[], options as LogisticOptions);

  test.each([
    ['no row', [], [], 'ERR_EASY11_EMPTY_DATA'],
    ['another number of labels', two, [1], 'ERR_EASY11_DIMENSION_MISMATCH'],
    ['rows of different lengths', [[1], [1, 2]], [0, 1], 'ERR_EASY11_DIMENSION_MISMATCH'],
    ['a feature that is no number', [[1], [NaN]], [0, 1], 'ERR_EASY11_INVALID_VALUE'],
    ['a feature without end', [[1], [Infinity]], [0, 1], 'ERR_EASY11_INVALID_VALUE'],
    ['a feature that is text', [[1], ['2']], [0, 1], 'ERR_EASY11_INVALID_VALUE'],
    ['a label that is neither', two, [0, 2], 'ERR_EASY11_INVALID_VALUE'],
    ['labels that are all alike', two, [1, 1], 'ERR_EASY11_ONE_CLASS'],
  ])('%s', (_, rows, labels, code) => {
    expect(codeOf(() => fit(rows, labels))).toBe(code);
  });

  test.each([{ penalty: -1 }, { penalty: NaN }, { mostSteps: 0 }, { mostSteps: 1.5 }, { tolerance: 0 }, { lambda: 1 }])(
    'the options %j',
    (options) => {
      expect(codeOf(() => fit(two, [0, 1], options))).toBe('ERR_EASY11_INVALID_OPTION');
    },
  );

  test('a row to judge that is not like those learnt from, and parameters that are none', () => {
    const model = fit(two, [0, 1]);
    expect(codeOf(() => model.logOdds([]))).toBe('ERR_EASY11_DIMENSION_MISMATCH');
    expect(codeOf(() => model.probability([NaN]))).toBe('ERR_EASY11_INVALID_VALUE');
    const good = model.parameters;
    expect(codeOf(() => LogisticRegression.from({ ...good, means: [] }))).toBe('ERR_EASY11_DIMENSION_MISMATCH');
    expect(codeOf(() => LogisticRegression.from({ ...good, scales: [0] }))).toBe('ERR_EASY11_INVALID_VALUE');
    expect(codeOf(() => LogisticRegression.from({ ...good, intercept: NaN }))).toBe('ERR_EASY11_INVALID_VALUE');
  });
});
