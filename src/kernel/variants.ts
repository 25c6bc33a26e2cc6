import { createHash } from 'node:crypto';

/** One of the ways in which something may be done for somebody. */
export interface Variant {
  readonly key: string;
  /** How much of all it gets, beside the weights of the others. Above 0. */
  readonly weight: number;
}

/** From 0 to 1 without both: the same for the same text, and for different ones as if drawn anew. 52 bits of SHA-256. */
function drawn(text: string): number {
  const bits = createHash('sha256').update(text).digest().readBigUInt64BE(0) >> 12n;
  return (Number(bits) + 0.5) / 2 ** 52;
}

/**
 * The variant of a trial that somebody gets, a visitor's id say: nothing is stored, and every process says the same. Each variant
 * draws, for them, an exponential waiting time with its weight as the rate; the shortest wins, which happens in proportion to the
 * weights (weighted rendezvous hashing: Thaler and Ravishankar, IEEE/ACM ToN 6(1), 1998; the logarithmic method of Schindelhauer and
 * Schomaker, SPAA 2005). When one weight changes, or a variant is added or taken away, people only move to or from that variant, and
 * what somebody gets in one trial says nothing of another. O(variants).
 */
export function variantFor(trial: string, variants: readonly Variant[], who: string): string {
  let [shown, shortest] = ['', Infinity];
  for (const { key, weight } of variants) {
    const wait = -Math.log(drawn(`${trial}\n${key}\n${who}`)) / weight;
    if (wait < shortest) [shown, shortest] = [key, wait];
  }
  return shown;
}
