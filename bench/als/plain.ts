import { gramOf, lambdaOf, type Objective, type Rows, type Tables } from './rows';
import { randomSource } from './shapes';

const STEPS = 3;

/** Alternating least squares as one writes it from the paper (Takács, Pilászy, Tikk 2011): three steps of conjugate gradient a row. */
export class PlainCg implements Tables {
  readonly users: Float32Array;
  readonly items: Float32Array;

  constructor(
    private readonly rows: Rows,
    private readonly takers: Rows,
    private readonly objective: Objective,
  ) {
    const { factors } = objective;
    const random = randomSource(5);
    this.users = new Float32Array((rows.starts.length - 1) * factors);
    this.items = Float32Array.from(
      { length: (takers.starts.length - 1) * factors },
      () => ((random() - 0.5) * 0.35) / Math.sqrt(factors),
    );
  }

  /** Users, then items. */
  iterate(): void {
    this.#half(this.users, this.items, this.rows);
    this.#half(this.items, this.users, this.takers);
  }

  #half(x: Float32Array, y: Float32Array, { starts, columns }: Rows): void {
    const { factors: f, unobservedWeight, weight } = this.objective;
    const gram = gramOf(y, f).map((value) => value * unobservedWeight);
    const [residual, direction, product] = [new Float64Array(f), new Float64Array(f), new Float64Array(f)];
    const apply = (vector: Float64Array | Float32Array, at: number, row: number, lambda: number): void => {
      for (let i = 0; i < f; i++) {
        let sum = lambda * (vector[at + i] as number);
        for (let j = 0; j < f; j++) sum += (gram[i * f + j] as number) * (vector[at + j] as number);
        product[i] = sum;
      }
      for (let e = starts[row] as number; e < (starts[row + 1] as number); e++) {
        const other = (columns[e] as number) * f;
        let score = 0;
        for (let k = 0; k < f; k++) score += (y[other + k] as number) * (vector[at + k] as number);
        score *= weight;
        for (let k = 0; k < f; k++) (product[k] as number) += score * (y[other + k] as number);
      }
    };
    for (let row = 0; row < starts.length - 1; row++) {
      const lambda = lambdaOf(this.objective, (starts[row + 1] as number) - (starts[row] as number), y.length / f);
      apply(x, row * f, row, lambda);
      for (let k = 0; k < f; k++) residual[k] = -(product[k] as number);
      for (let e = starts[row] as number; e < (starts[row + 1] as number); e++)
        for (let k = 0; k < f; k++) (residual[k] as number) += weight * (y[(columns[e] as number) * f + k] as number);
      direction.set(residual);
      let squares = residual.reduce((sum, value) => sum + value * value, 0);
      for (let step = 0; step < STEPS && squares > 1e-20; step++) {
        apply(direction, 0, row, lambda);
        let along = 0;
        for (let k = 0; k < f; k++) along += (direction[k] as number) * (product[k] as number);
        const by = squares / along;
        let next = 0;
        for (let k = 0; k < f; k++) {
          (x[row * f + k] as number) += by * (direction[k] as number);
          (residual[k] as number) -= by * (product[k] as number);
          next += (residual[k] as number) ** 2;
        }
        for (let k = 0; k < f; k++)
          direction[k] = (residual[k] as number) + (next / squares) * (direction[k] as number);
        squares = next;
      }
    }
  }
}
