/** Hears how a drill gets on. */
export type Say = (sentence: string) => void;

/** What came of a drill. */
export interface DrillReport {
  readonly figures: Readonly<Record<string, string | number>>;
  /** What is not as it must be, a sentence each: empty where all is well. */
  readonly broken: readonly string[];
}

/** The long form of a test: `npm run chaos -- <name>`. */
export interface Drill {
  readonly name: string;
  readonly sentence: string;
  /** Numbers that may be given as `--name=4`, with what they are otherwise. */
  readonly options: Readonly<Record<string, number>>;
  run(option: (name: string) => number, say: Say): Promise<DrillReport>;
}

/** The value below which so much of them lies, 0 where there is none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

export const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;
export const seconds = (value: number): string => `${(value / 1000).toFixed(1)} s`;
