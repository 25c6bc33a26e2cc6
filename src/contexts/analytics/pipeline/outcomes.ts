/** What a run says about a model and its tests. */

export const LAYERS = ['staging', 'intermediate', 'marts'] as const;
export type Layer = (typeof LAYERS)[number];

export interface TestOutcome {
  /** As it is written: `unique(id)`. */
  readonly test: string;
  /** `warned` raises an alert like `failed`, and blocks nothing. */
  readonly state: 'passed' | 'failed' | 'warned';
  /** Rows, or values, that break it; null where that could not be counted. */
  readonly failures: number | null;
  /** Why it could not be counted: such as a table that is not there. */
  readonly error: string | null;
}

export interface ModelOutcome {
  readonly name: string;
  readonly layer: Layer;
  /**
   * `published`: a mart that is served from now on. `built`: a step on the way. `failed`: its SQL or a test of it failed. `blocked`:
   * something that it is made of failed.
   */
  readonly state: 'built' | 'published' | 'failed' | 'blocked';
  /** Null where it was not built. */
  readonly rows: number | null;
  readonly milliseconds: number;
  readonly error: string | null;
  readonly tests: readonly TestOutcome[];
}
