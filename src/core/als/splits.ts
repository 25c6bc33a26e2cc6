import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { checkWhole, invalid } from './options';
import { checkInteraction, placed } from './reading';
import type { Interaction } from './types';

/** How interactions are cut into a part to learn from and a part to measure on. */
export type Split =
  /** Each interaction by chance. */
  | { readonly kind: 'random'; readonly share?: number; readonly seed?: number }
  /** The latest, by `time`: what came after is never learnt from. */
  | { readonly kind: 'time'; readonly share?: number }
  /** Strong generalisation: users who are not learnt from at all; 80 % of what they did is folded in, the rest measured. */
  | { readonly kind: 'users'; readonly share?: number; readonly seed?: number };

export interface SplitInteractions {
  readonly train: Interaction[];
  readonly test: Interaction[];
  /** What users of the test set did before, where they are not in `train`. */
  readonly foldIn: Interaction[];
}

/** mulberry32. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Splits interactions. `share` (0.2) is that of the test set: of interactions, or of users.
 * Throws ERR_EASY11_INVALID_OPTION, and what is wrong with the first interaction that is not acceptable.
 */
export function splitInteractions(interactions: Iterable<Interaction>, split: Split): SplitInteractions {
  checkSplit(split);
  const { kind, share = 0.2 } = split;
  const all = checkedList(interactions);
  const parts: SplitInteractions = { train: [], test: [], foldIn: [] };
  switch (kind) {
    case 'random': {
      const random = randomSource(split.seed ?? 0);
      for (const one of all) (random() < share ? parts.test : parts.train).push(one);
      return parts;
    }
    case 'time': {
      if (all.some(({ time }) => time === undefined))
        throw invalid('A split by time needs the time of every interaction');
      all.sort((a, b) => (a.time as number) - (b.time as number));
      const cut = Math.round(all.length * (1 - share));
      return { ...parts, train: all.slice(0, cut), test: all.slice(cut) };
    }
    case 'users': {
      const random = randomSource(split.seed ?? 0);
      const held = new Map<string, boolean>();
      for (const one of all) {
        let isHeld = held.get(one.user);
        if (isHeld === undefined) held.set(one.user, (isHeld = random() < share));
        (isHeld ? (random() < 0.2 ? parts.test : parts.foldIn) : parts.train).push(one);
      }
      return parts;
    }
  }
}

function checkSplit(split: Split): void {
  checkOptionNames(split, ['kind', 'share', 'seed']);
  const { kind, share = 0.2 } = split;
  if (kind !== 'random' && kind !== 'time' && kind !== 'users') throw invalid(`There is no split ${show(kind)}`);
  if (typeof share !== 'number' || !(share > 0 && share < 1))
    throw invalid(`share must be between 0 and 1, not ${show(share)}`);
  if ('seed' in split && split.seed !== undefined) checkWhole('seed', split.seed, 0, 2 ** 32 - 1);
}

function checkedList(interactions: Iterable<Interaction>): Interaction[] {
  if (typeof interactions !== 'object' || interactions === null || !(Symbol.iterator in interactions))
    throw invalid(`Interactions to split must be iterable and synchronous, not ${show(interactions)}`);
  const all = Array.from(interactions);
  all.forEach((one, place) => {
    try {
      checkInteraction(one);
    } catch (error) {
      throw placed(error, place);
    }
  });
  return all;
}
