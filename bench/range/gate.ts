import type { Claim } from '../claims';
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
export async function gateRange(gates: RangeGates): Promise<Claim[]> {
  const results = await compareRange(gates.products, ['native', 'fallback', ...gates.peers], 120);
  const figure = (where: string): number => {
    const [contender, ...key] = where.split(' ');
    const result = results.find((one) => one.contender === contender);
    if (key[0] === 'update') return result?.update ?? Number.NaN;
    return result?.times[key.join(' ')] ?? Number.NaN;
  };
  return [
    ...gates.same.map((key) => ({
      claim: `range ${key}: check sums that differ`,
      value: agree(results, key) ? 0 : 1,
      max: 0,
      always: true,
    })),
    ...gates.ratios.map(({ claim, ours, peer, max }) => ({ claim, value: figure(ours) / figure(peer), max })),
    ...gates.bounds.map(({ claim, ours, max }) => ({ claim, value: figure(ours), max })),
  ];
}
