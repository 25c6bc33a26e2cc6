import { createHash } from 'node:crypto';

/** Pure decisions of experiments: no I/O, clock or randomness. */

/** What counts as success: the visitor does this after seeing the variant. */
export const METRICS = ['click', 'add_to_cart', 'purchase'] as const;
export type Metric = (typeof METRICS)[number];

export const STATES = ['draft', 'running', 'stopped'] as const;
export type State = (typeof STATES)[number];

export interface Variant {
  readonly key: string;
  /** How much of the visitors it gets, beside the weights of the others. */
  readonly weight: number;
}

/** From 0 to 1 without both: the same for the same text, and for different ones as if drawn anew. 52 bits of SHA-256. */
function drawn(text: string): number {
  const bits = createHash('sha256').update(text).digest().readBigUInt64BE(0) >> 12n;
  return (Number(bits) + 0.5) / 2 ** 52;
}

/**
 * The variant that a visitor sees: nothing is stored, and every process says the same. Each variant draws, for this visitor, an
 * exponential waiting time with its weight as the rate; the shortest wins, which happens in proportion to the weights (weighted
 * rendezvous hashing: Thaler and Ravishankar, IEEE/ACM ToN 6(1), 1998; the logarithmic method of Schindelhauer and Schomaker,
 * SPAA 2005). When one weight changes, or a variant is added or taken away, visitors only move to or from that variant. O(variants).
 */
export function variantFor(experiment: string, variants: readonly Variant[], visitorId: string): string {
  let [shown, shortest] = ['', Infinity];
  for (const { key, weight } of variants) {
    const wait = -Math.log(drawn(`${experiment}\n${key}\n${visitorId}`)) / weight;
    if (wait < shortest) [shown, shortest] = [key, wait];
  }
  return shown;
}

const NEXT: Readonly<Record<State, readonly State[]>> = {
  draft: ['draft', 'running'],
  running: ['running', 'stopped'],
  stopped: ['stopped'],
};

/** Whether an experiment may go from one state to another: a stopped one is not started again, its numbers would be of two. */
export const mayBecome = (from: State, to: State): boolean => NEXT[from].includes(to);
