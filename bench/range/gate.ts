import { agree, compareRange } from './compare';

export interface RangeGates {
  readonly products: number;
  readonly peers: readonly string[];
  /** `ours` and `peer` are such as "native top 0.1". */
  readonly ratios: readonly { claim: string; ours: string; peer: string; max: number }[];
  readonly same: readonly string[];
  /** Microseconds of the processor, generous. */
  readonly bounds: readonly { claim: string; ours: string; max: number }[];
}

/** The claims about RangeIndex, from one run. */
export async function gateRange(
  gates: RangeGates,
  report: (claim: string, value: number, max: number) => void,
): Promise<void> {
  const results = await compareRange(gates.products, ['native', 'fallback', ...gates.peers], 120);
  const figure = (where: string): number => {
    const [contender, ...key] = where.split(' ');
    const result = results.find((one) => one.contender === contender);
    if (key[0] === 'update') return result?.update ?? Number.NaN;
    return result?.times[key.join(' ')] ?? Number.NaN;
  };
  for (const key of gates.same) report(`range ${key}: check sums that differ`, agree(results, key) ? 0 : 1, 0);
  for (const { claim, ours, peer, max } of gates.ratios) report(claim, figure(ours) / figure(peer), max);
  for (const { claim, ours, max } of gates.bounds) report(claim, figure(ours), max);
}
