import type { InteractionColumns } from '../../src/core';

/**
 * Generated interactions of three shapes that public data sets have: A small and dense (films rated), B larger and sparse (places
 * visited), C large with a power law, S small enough for a gate, D a million items. Users have a few of many tastes; items belong to one and are taken by popularity within it.
 */
export interface Shape {
  readonly users: number;
  readonly items: number;
  readonly entries: number;
  readonly tastes: number;
}

export const SHAPES = {
  A: { users: 6_040, items: 3_600, entries: 670_000, tastes: 24 },
  B: { users: 30_000, items: 41_000, entries: 810_000, tastes: 300 },
  C: { users: 137_000, items: 20_000, entries: 8_900_000, tastes: 120 },
  S: { users: 2_500, items: 1_500, entries: 150_000, tastes: 20 },
  D: { users: 40_000, items: 1_000_000, entries: 3_000_000, tastes: 2_000 },
} as const satisfies Record<string, Shape>;
export type ShapeName = keyof typeof SHAPES;

export interface Generated {
  readonly users: Uint32Array;
  readonly items: Uint32Array;
}

/** mulberry32: numbers in [0, 1), the same for a seed everywhere. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Distinct pairs, in random order of users; a user's last fifth is a test set where one is wanted. */
export function generate({ users, items, entries, tastes }: Shape, seed = 7): Generated {
  const random = randomSource(seed);
  const byTaste = Array.from({ length: tastes }, () => [] as number[]);
  for (let item = 0; item < items; item++) byTaste[Math.floor(random() ** 1.5 * tastes)]?.push(item);
  const filled = byTaste.filter((list) => list.length > 0);
  // Lognormal activity, scaled to the number of entries.
  const activity = Float64Array.from({ length: users }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.exp(normal);
  });
  const scale = entries / activity.reduce((sum, one) => sum + one, 0);
  const out = { users: new Uint32Array(entries * 1.3), items: new Uint32Array(entries * 1.3) };
  let count = 0;
  for (let user = 0; user < users; user++) {
    const own = Array.from({ length: 3 }, () => filled[Math.floor(random() ** 1.3 * filled.length)] as number[]);
    const seen = new Set<number>();
    const wanted = Math.min(items / 3, Math.max(5, Math.round((activity[user] as number) * scale * 1.02)));
    for (let tries = 0; seen.size < wanted && tries < 4 * wanted; tries++) {
      const anywhere = random() < 0.2;
      const list = anywhere
        ? (filled[Math.floor(random() ** 1.3 * filled.length)] as number[])
        : (own[Math.floor(random() * 3)] as number[]);
      seen.add(list[Math.floor(random() ** 2.2 * list.length)] as number);
    }
    for (const item of seen) {
      if (count === out.users.length) break;
      out.users[count] = user;
      out.items[count++] = item;
    }
  }
  return { users: out.users.slice(0, count), items: out.items.slice(0, count) };
}

/** Interactions as AlsModel takes them: ids are the numbers as text. */
export const columnsOf = ({ users, items }: Shape, data: Generated): InteractionColumns => ({
  userIds: Array.from({ length: users }, (_, i) => String(i)),
  itemIds: Array.from({ length: items }, (_, i) => String(i)),
  ...data,
});

export const isShapeName = (name: string): name is ShapeName => Object.hasOwn(SHAPES, name);

/** Cuts a fifth of each user's interactions off as a test set. */
export function split({ users, items }: Generated, seed = 11): { train: Generated; test: Generated } {
  const random = randomSource(seed);
  const isTest = Uint8Array.from(users, () => (random() < 0.2 ? 1 : 0));
  const pick = (wanted: number): Generated => ({
    users: users.filter((_, e) => isTest[e] === wanted),
    items: items.filter((_, e) => isTest[e] === wanted),
  });
  return { train: pick(0), test: pick(1) };
}
