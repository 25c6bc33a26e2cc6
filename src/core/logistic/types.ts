export interface LogisticOptions {
  /** On half the sum of the squared weights of the standardised features, beside the sum over all rows; the intercept has none. Default 1. */
  readonly penalty?: number;
  /** Newton steps at most. Default 50; where there is a penalty ten or fewer are taken. */
  readonly mostSteps?: number;
  /** A step is the last when no weight changes by more than this, beside 1 and the largest weight. Default 1e-8. */
  readonly tolerance?: number;
}

/** A model as plain data: log-odds = intercept + Σ weight · (feature − mean) / scale. */
export interface LogisticParameters {
  readonly means: readonly number[];
  /** Above 0; 1 for a feature that never varied. */
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
}

/** How a fit ended. */
export interface LogisticFit {
  /** False where `mostSteps` came first: without a penalty, where classes that one line parts have no best weights. */
  readonly converged: boolean;
  readonly steps: number;
  /** −log-likelihood + penalty · |weights|² / 2, of all rows together. */
  readonly loss: number;
}
