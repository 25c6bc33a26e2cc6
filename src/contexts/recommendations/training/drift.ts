import { stabilityIndex } from '../rules';
import type { DriftView } from '../schemas';
import type { Interactions } from './interactions';

const BINS = 10;

/** How far what came after the cut differs from what was before it. O(interactions). */
export function driftOf(all: Interactions, measured: (e: number) => boolean, cutAt: number): DriftView {
  const countsOf = (): { users: Uint32Array; items: Uint32Array; count: number } => ({
    users: new Uint32Array(all.userIds.length),
    items: new Uint32Array(all.itemIds.length),
    count: 0,
  });
  const [before, after] = [countsOf(), countsOf()];
  for (let e = 0; e < all.count; e++) {
    if (!measured(e)) continue;
    const part = (all.times[e] as number) <= cutAt ? before : after;
    const [user, item] = [all.users[e] as number, all.items[e] as number];
    part.users[user] = (part.users[user] as number) + 1;
    part.items[item] = (part.items[item] as number) + 1;
    part.count++;
  }
  const unseen = (later: Uint32Array, earlier: Uint32Array): number => {
    let [met, fresh] = [0, 0];
    for (let n = 0; n < later.length; n++) {
      if (later[n] === 0) continue;
      met++;
      if (earlier[n] === 0) fresh++;
    }
    return met === 0 ? 0 : fresh / met;
  };
  // How many products were taken how often before, and how much was taken of the more popular ones.
  const products = new Map<number, number>();
  for (let n = 0; n < before.items.length; n++) {
    const taken = before.items[n] as number;
    if (taken > 0) products.set(taken, (products.get(taken) ?? 0) + 1);
  }
  const passed = new Map<number, number>();
  let sum = 0;
  for (const taken of [...products.keys()].sort((a, b) => b - a)) {
    passed.set(taken, sum);
    sum += taken * (products.get(taken) as number);
  }
  // Bins of equal weight before: the most popular products that make a tenth of what was taken, and so on; equals by number.
  const [earlier, later] = [Array<number>(BINS).fill(0), Array<number>(BINS).fill(0)];
  for (let n = 0; n < before.items.length; n++) {
    const taken = before.items[n] as number;
    let bin = BINS - 1;
    if (taken > 0) {
      const above = passed.get(taken) as number;
      passed.set(taken, above + taken);
      bin = Math.min(BINS - 1, Math.floor((above / before.count) * BINS));
    }
    earlier[bin] = (earlier[bin] as number) + taken;
    later[bin] = (later[bin] as number) + (after.items[n] as number);
  }
  return {
    unseenUsers: unseen(after.users, before.users),
    unseenProducts: unseen(after.items, before.items),
    popularityPsi: before.count === 0 || after.count === 0 ? 0 : stabilityIndex(earlier, later),
    earlier: before.count,
    later: after.count,
  };
}
