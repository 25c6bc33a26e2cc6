import { baselineMetrics, type Interaction } from '../../src/core';
import { Random } from '../support/random';

/** Recall@limit of lists, worked out as one writes it down. */
function recallOf(lists: ReadonlyMap<string, readonly string[]>, test: readonly Interaction[], limit: number): number {
  const taken = new Map<string, Set<string>>();
  for (const { user, item } of test) taken.set(user, (taken.get(user) ?? new Set()).add(item));
  let [sum, users] = [0, 0];
  for (const [user, list] of lists) {
    const own = taken.get(user);
    if (!own) continue;
    sum += list.slice(0, limit).filter((item) => own.has(item)).length / own.size;
    users++;
  }
  return sum / users;
}

/** The lists of both baselines, from sets and maps. */
function listsOf(train: readonly Interaction[]): Record<'popular' | 'cosine', Map<string, string[]>> {
  const items = [...new Set(train.map(({ item }) => item))];
  const place = new Map(items.map((item, i) => [item, i]));
  const kept = train.filter(({ weight = 1 }) => weight > 0);
  const usersOf = new Map(
    items.map((item) => [item, new Set(kept.filter((one) => one.item === item).map(({ user }) => user))]),
  );
  const size = (item: string): number => (usersOf.get(item) as Set<string>).size;
  const byPlace = (a: string, b: string): number => (place.get(a) as number) - (place.get(b) as number);
  const cosine = (a: string, b: string): number =>
    [...(usersOf.get(a) as Set<string>)].filter((user) => usersOf.get(b)?.has(user)).length /
    Math.sqrt(size(a) * size(b));
  const near = new Map(
    items.map((item) => [
      item,
      items
        .filter((other) => other !== item)
        .map((other) => [other, cosine(item, other)] as const)
        .filter(([, score]) => score > 0)
        .sort((a, b) => b[1] - a[1] || byPlace(a[0], b[0]))
        .slice(0, 100),
    ]),
  );
  const popular = [...items].sort((a, b) => size(b) - size(a) || byPlace(a, b));
  const lists = { popular: new Map<string, string[]>(), cosine: new Map<string, string[]>() };
  for (const user of new Set(train.map((one) => one.user))) {
    const had = new Set(kept.filter((one) => one.user === user).map(({ item }) => item));
    lists.popular.set(
      user,
      popular.filter((item) => !had.has(item)),
    );
    const scores = new Map<string, number>();
    for (const item of [...had].sort(byPlace))
      for (const [other, score] of near.get(item) ?? [])
        if (!had.has(other)) scores.set(other, (scores.get(other) ?? 0) + score);
    const ranked = [...scores].sort((a, b) => b[1] - a[1] || byPlace(a[0], b[0]));
    lists.cosine.set(
      user,
      ranked.map(([item]) => item),
    );
  }
  return lists;
}

test('the baselines recommend what their definitions say, pairs told twice or with weight 0 included', async () => {
  const random = new Random(11);
  const below = (n: number): number => random.below(n);
  const one = (): Interaction => ({
    user: `u${below(60)}`,
    item: `i${Math.floor(random.next() ** 2 * 150)}`,
    weight: below(10) === 0 ? 0 : 1 + below(3),
  });
  const train = Array.from({ length: 1_500 }, one);
  const learnt = new Set(train.map(({ item }) => item));
  const test = Array.from({ length: 400 }, one).filter(({ item, weight }) => learnt.has(item) && weight !== 0);
  const measured = await baselineMetrics(train, test, { at: [5, 20] });
  const lists = listsOf(train);
  for (const limit of [5, 20]) {
    const of = (name: 'popular' | 'cosine'): number => recallOf(lists[name], test, limit);
    expect(measured.mostPopular.recallOfAll[limit]).toBeCloseTo(of('popular'), 12);
    expect(measured.itemCosine.recallOfAll[limit]).toBeCloseTo(of('cosine'), 12);
  }
});
