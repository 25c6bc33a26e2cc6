import { createHash } from 'node:crypto';
import type { RecommendationSettings } from './settings';

/** Pure decisions of recommendations: no I/O, clock or randomness. */

const DAY_MS = 86_400_000;
/** An old interaction still says this much of what a new one does: tastes outlive half-lives. */
const LEAST_DECAY = 0.05;

/**
 * The key of a customer: `cus_` and 32 hexadecimal digits of the SHA-256 of who they are, an e-mail address in lower case without
 * space around it, or what a shop of before called them.
 */
export function customerKey(identity: string): string {
  const plain = identity.normalize('NFC').trim().toLowerCase();
  return `cus_${createHash('sha256').update(plain).digest('hex').slice(0, 32)}`;
}

/** What is left of an interaction's weight after `ageMs`; never less than a twentieth. */
export const decay = (ageMs: number, halfLifeMs: number): number =>
  Math.max(LEAST_DECAY, 2 ** (-Math.max(0, ageMs) / halfLifeMs));

/** What each part says of a product, from 0 to 1. */
export interface Parts {
  readonly collaborative: number;
  readonly content: number;
  readonly rules: number;
}

/**
 * The shares of the parts that have something to say, brought to a sum of 1. Where none of those has a share, they are equal;
 * where none has anything to say, all are 0.
 */
export function sharesOf(mix: Parts, speaks: { readonly [P in keyof Parts]: boolean }): Parts {
  const share = (part: keyof Parts): number => (speaks[part] ? mix[part] : 0);
  const sum = share('collaborative') + share('content') + share('rules');
  const speaking = Number(speaks.collaborative) + Number(speaks.content) + Number(speaks.rules);
  const of = (part: keyof Parts): number => {
    if (sum > 0) return share(part) / sum;
    return speaks[part] ? 1 / speaking : 0;
  };
  return { collaborative: of('collaborative'), content: of('content'), rules: of('rules') };
}

export const blend = (shares: Parts, parts: Parts): number =>
  shares.collaborative * parts.collaborative + shares.content * parts.content + shares.rules * parts.rules;

/** What the rules ask of a product that everybody may know, each from 0 to 1. */
export interface RulesSay {
  readonly trending: number;
  readonly popular: number;
  readonly fresh: number;
}

/** What the rules say of a product, weighed, from 0 to 1. Without a margin, as where none is known, that is no rule. */
export function rulesScore(weights: RecommendationSettings['rules'], says: RulesSay, margin?: number): number {
  const weight = margin === undefined ? 0 : weights.margin;
  const sum = weights.trending + weights.popular + weights.fresh + weight;
  const said = weights.trending * says.trending + weights.popular * says.popular + weights.fresh * says.fresh;
  return (said + weight * (margin ?? 0)) / sum;
}

/** The share of a price that is left when the cost is paid, from 0 to 1: 0 where it is sold below cost, or given away. */
export const marginOf = (price: number, cost: number): number =>
  price <= 0 ? 0 : Math.min(1, Math.max(0, (price - cost) / price));

/** How new something is: 1 at first, half of it after two weeks; 0 where nobody knows, and for what is yet to come. */
export function freshness(createdAt: number | undefined, now: number): number {
  if (createdAt === undefined || createdAt > now + DAY_MS) return 0;
  return 2 ** (-Math.max(0, now - createdAt) / (14 * DAY_MS));
}

/** What goes well with something is related to it and not the same: most at a likeness of a half. */
export const complements = (likeness: number): number => 1 - Math.abs(2 * Math.min(1, Math.max(0, likeness)) - 1);

/** Something that may stand in a list. */
export interface Candidate {
  readonly row: number;
  readonly score: number;
  /** Undefined where it is in none: such are not limited. */
  readonly category: number | undefined;
}

/**
 * The best list of `limit`, by maximal marginal relevance (Carbonell, Goldstein 1998): each place goes to whoever has the greatest
 * (1 − d) × score − d × likeness to the most alike above. No category has more than its share of the places while another
 * candidate is left. Candidates must come best first; ties go to the first. O(limit × candidates), most of the likenesses unasked.
 */
export function diversify(
  candidates: readonly Candidate[],
  limit: number,
  { diversity, mostPerCategory }: Pick<RecommendationSettings, 'diversity' | 'mostPerCategory'>,
  likeness: (a: number, b: number) => number,
): Candidate[] {
  const most = Math.max(1, Math.floor(limit * mostPerCategory));
  const nearest = new Float64Array(candidates.length);
  const taken = new Uint8Array(candidates.length);
  const inCategory = new Map<number, number>();
  const chosen: Candidate[] = [];
  // Likeness only takes away: whoever is first without all of it is held against what is new in the list, until the first has been.
  const heldAgainst = new Uint32Array(candidates.length);
  const choose = (capped: boolean): number => {
    for (;;) {
      let [best, bestValue] = [-1, -Infinity];
      for (let i = 0; i < candidates.length; i++) {
        if (taken[i] === 1) continue;
        const { score, category } = candidates[i] as Candidate;
        if (capped && category !== undefined && (inCategory.get(category) ?? 0) >= most) continue;
        const value = (1 - diversity) * score - diversity * (nearest[i] as number);
        if (value > bestValue) [best, bestValue] = [i, value];
      }
      if (best < 0 || diversity === 0 || heldAgainst[best] === chosen.length) return best;
      const { row } = candidates[best] as Candidate;
      for (const above of chosen.slice(heldAgainst[best]))
        nearest[best] = Math.max(nearest[best] as number, likeness(row, above.row));
      heldAgainst[best] = chosen.length;
    }
  };
  while (chosen.length < Math.min(limit, candidates.length)) {
    const capped = choose(true);
    const index = capped >= 0 ? capped : choose(false);
    const next = candidates[index] as Candidate;
    taken[index] = 1;
    chosen.push(next);
    if (next.category !== undefined) inCategory.set(next.category, (inCategory.get(next.category) ?? 0) + 1);
  }
  return chosen;
}

/**
 * Population stability index of two distributions over the same bins: Σ (p − q) ln(p / q), each share at least a ten-thousandth.
 * Under 0.1 is calm, above 0.25 another population.
 */
export function stabilityIndex(before: readonly number[], after: readonly number[]): number {
  const shares = (counts: readonly number[]): number[] => {
    const sum = counts.reduce((a, b) => a + b, 0);
    return counts.map((count) => Math.max(1e-4, sum === 0 ? 1 / counts.length : count / sum));
  };
  const [p, q] = [shares(before), shares(after)];
  return p.reduce((sum, share, i) => sum + (share - (q[i] as number)) * Math.log(share / (q[i] as number)), 0);
}

/**
 * Whether a model may take the place of the active one: its NDCG@10 on the same part is no lower, but for what is noise of the
 * measurement: 2 %, or 1 ÷ √users where that is more, but never more than a tenth, lest a few small steps lead far down.
 */
export const isNoWorse = (candidate: number, active: number, users: number): boolean =>
  candidate >= active * (1 - Math.min(0.1, Math.max(0.02, 1 / Math.sqrt(users))));
