import type { JobOptions } from '../jobs/run-job';
import { throwIfAborted } from '../jobs/run-job';
import { Best } from './best';
import { type Metrics, MetricsCounter } from './metrics';
import { readTestSet } from './measuring';
import { nextTurn, readInteractions } from './reading';
import type { Interaction, InteractionSource } from './types';

/** What every recommender should beat. */
export interface BaselineMetrics {
  /** The items that most users took. */
  readonly mostPopular: Metrics;
  /** The items whose users are most like those of the history's, by cosine: the 100 nearest of each (Sarwar et al. 2001). */
  readonly itemCosine: Metrics;
}

const NEIGHBOURS = 100;
const SLICE = 3;

/** Rows of distinct columns. */
type Rows = readonly Uint32Array[];

/** Measures both baselines on a test set, against users and items of the training set, in slices of the event loop. */
export async function baselineMetrics(
  train: InteractionSource,
  test: Iterable<Interaction> | AsyncIterable<Interaction>,
  { at = [20], signal }: Pick<JobOptions<never>, 'signal'> & { readonly at?: readonly number[] } = {},
): Promise<BaselineMetrics> {
  const sets: Set<number>[] = [];
  const { users, items } = await readInteractions(train, signal ? { signal } : {}, (block) => {
    for (let e = 0; e < block.count; e++)
      if ((block.weights[e] as number) > 0)
        (sets[block.users[e] as number] ??= new Set()).add(block.items[e] as number);
  });
  const breathe = breather(signal);
  const byUser: Uint32Array[] = [];
  const counts = new Uint32Array(items.size);
  for (let user = 0; user < users.size; user++) {
    const row = Uint32Array.from(sets[user] ?? []);
    byUser.push(row);
    for (const item of row) (counts[item] as number)++;
    if (user % 64 === 0) await breathe();
  }
  const byItem: Uint32Array[] = [];
  for (let item = 0; item < items.size; item++) {
    byItem.push(new Uint32Array(counts[item] as number));
    if (item % 64 === 0) await breathe();
  }
  counts.fill(0);
  for (const [user, row] of byUser.entries()) {
    for (const item of row) (byItem[item] as Uint32Array)[(counts[item] as number)++] = user;
    if (user % 64 === 0) await breathe();
  }
  const testSet = await readTestSet(test, users, items);
  const near = await nearestItems(byUser, byItem, breathe);
  const popular = await mostTaken(counts, breathe);
  const limit = Math.max(...at);
  const [ofPopular, ofCosine] = [new MetricsCounter(at, items.size), new MetricsCounter(at, items.size)];
  const scores = new Float64Array(items.size);
  for (const [user, taken] of testSet.taken) {
    const history = byUser[user] as Uint32Array;
    const had = new Set(history);
    const unknown = testSet.unknown.get(user) ?? 0;
    const list: number[] = [];
    for (let i = 0; i < popular.length && list.length < limit; i++)
      if (!had.has(popular[i] as number)) list.push(popular[i] as number);
    ofPopular.add(list, list.length, taken, unknown);
    const touched = new Set<number>();
    for (const item of history) {
      const { items: neighbours, cosines } = near[item] as Neighbours;
      neighbours.forEach((other, i) => {
        if (had.has(other)) return;
        if (!touched.has(other)) scores[other] = 0;
        touched.add(other);
        (scores[other] as number) += cosines[i] as number;
      });
    }
    const ranked = [...touched].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b).slice(0, limit);
    ofCosine.add(ranked, ranked.length, taken, unknown);
    await breathe();
  }
  return { mostPopular: ofPopular.result(), itemCosine: ofCosine.result() };
}

interface Neighbours {
  readonly items: Uint32Array;
  readonly cosines: Float64Array;
}

async function nearestItems(byUser: Rows, byItem: Rows, breathe: () => Promise<void>): Promise<Neighbours[]> {
  const together = new Float64Array(byItem.length);
  const near: Neighbours[] = [];
  for (const [item, own] of byItem.entries()) {
    const met: number[] = [];
    for (const user of own) {
      for (const other of byUser[user] as Uint32Array) {
        if (other === item) continue;
        if (together[other] === 0) met.push(other);
        (together[other] as number)++;
      }
      await breathe();
    }
    const cosine = (other: number): number =>
      (together[other] as number) / Math.sqrt(own.length * (byItem[other] as Uint32Array).length);
    const best = new Best(NEIGHBOURS);
    for (const [i, other] of met.entries()) {
      best.offer(other, cosine(other));
      if (i % 1024 === 1023) await breathe();
    }
    near.push({ items: Uint32Array.from(best.items), cosines: Float64Array.from(best.scores) });
    for (const other of met) together[other] = 0;
    await breathe();
  }
  return near;
}

/** Items by how many took them, most first, equals by number. */
async function mostTaken(counts: Uint32Array, breathe: () => Promise<void>): Promise<Uint32Array> {
  const howMany = new Map<number, number>();
  for (let item = 0; item < counts.length; item++) {
    const count = counts[item] as number;
    howMany.set(count, (howMany.get(count) ?? 0) + 1);
    if (item % 1024 === 0) await breathe();
  }
  let place = 0;
  const next = new Map<number, number>();
  for (const count of [...howMany.keys()].sort((a, b) => b - a)) {
    next.set(count, place);
    place += howMany.get(count) as number;
  }
  const order = new Uint32Array(counts.length);
  for (let item = 0; item < counts.length; item++) {
    const at = next.get(counts[item] as number) as number;
    order[at] = item;
    next.set(counts[item] as number, at + 1);
    if (item % 1024 === 0) await breathe();
  }
  return order;
}

/** Lets the event loop turn when the slice is over. */
function breather(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE) return;
    await nextTurn();
    throwIfAborted(signal);
    since = performance.now();
  };
}
