import { checkJobOptions, type JobOptions, throwIfAborted } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { Best } from './best';
import { DistinctPairs, type Rows, transposed } from './distinct-pairs';
import { type Metrics, MetricsCounter } from './metrics';
import { readTestSet } from './measuring';
import { checkLengths } from './options';
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
/** Neighbours in one array. */
const CHUNK = 1 << 18;

/**
 * Measures both baselines on a test set, against users and items of the training set, in slices of the event loop.
 * Rejects with ERR_EASY11_INVALID_ID, _WEIGHT, _OPTION or ERR_EASY11_ABORTED.
 */
export async function baselineMetrics(
  train: InteractionSource,
  test: Iterable<Interaction> | AsyncIterable<Interaction>,
  options: Pick<JobOptions<never>, 'signal'> & { readonly at?: readonly number[] } = {},
): Promise<BaselineMetrics> {
  checkOptionNames(options, ['at', 'signal']);
  checkJobOptions(options);
  const { at = [20], signal } = options;
  checkLengths(at);
  const pairs = new DistinctPairs();
  const { users, items } = await readInteractions(train, signal ? { signal } : {}, (block) =>
    pairs.add(block.users, block.items, block.count, (e) => (block.weights[e] as number) > 0),
  );
  const breathe = breather(signal);
  const byUser = await pairs.byUser(users.size, breathe);
  const byItem = await transposed(byUser, items.size, breathe);
  const counts = byItem.ends.map((end, item) => end - (byItem.starts[item] as number));
  const testSet = await readTestSet(test, users, items);
  const near = await nearestItems(byUser, byItem, breathe);
  const popular = await mostTaken(counts, breathe);
  const limit = Math.max(...at);
  const [ofPopular, ofCosine] = [new MetricsCounter(at, items.size), new MetricsCounter(at, items.size)];
  const scores = new Float64Array(items.size);
  // Which user an item was last seen for: had, or a neighbour of what was had.
  const hadBy = new Uint32Array(items.size);
  const touchedBy = new Uint32Array(items.size);
  let turn = 0;
  for (const [user, taken] of testSet.taken) {
    turn++;
    const [from, end] = [byUser.starts[user] as number, byUser.ends[user] as number];
    for (let e = from; e < end; e++) hadBy[byUser.columns[e] as number] = turn;
    const unknown = testSet.unknown.get(user) ?? 0;
    const list: number[] = [];
    for (let i = 0; i < popular.length && list.length < limit; i++)
      if (hadBy[popular[i] as number] !== turn) list.push(popular[i] as number);
    ofPopular.add(list, list.length, taken, unknown);
    const touched: number[] = [];
    for (let e = from; e < end; e++) {
      near.each(byUser.columns[e] as number, (other, cosine) => {
        if (hadBy[other] === turn) return;
        if (touchedBy[other] !== turn) {
          touchedBy[other] = turn;
          scores[other] = 0;
          touched.push(other);
        }
        (scores[other] as number) += cosine;
      });
      if (e % 64 === 0) await breathe();
    }
    const best = new Best(limit);
    for (const other of touched) best.offer(other, scores[other] as number);
    ofCosine.add(best.items, best.items.length, taken, unknown);
    await breathe();
  }
  return { mostPopular: ofPopular.result(), itemCosine: ofCosine.result() };
}

/** The nearest of every item, in a few large arrays. */
class Neighbours {
  readonly #items: Uint32Array[] = [];
  readonly #cosines: Float64Array[] = [];
  readonly #places: Float64Array;
  readonly #sizes: Uint8Array;
  #end = 0;

  constructor(items: number) {
    this.#places = new Float64Array(items);
    this.#sizes = new Uint8Array(items);
  }

  /** Of an item that none were kept of yet. */
  keep(item: number, best: Best): void {
    const size = best.items.length;
    // Those of one item lie in one array.
    if ((this.#end % CHUNK) + size > CHUNK) this.#end = Math.ceil(this.#end / CHUNK) * CHUNK;
    const [chunk, from] = [Math.floor(this.#end / CHUNK), this.#end % CHUNK];
    const items = (this.#items[chunk] ??= new Uint32Array(CHUNK));
    const cosines = (this.#cosines[chunk] ??= new Float64Array(CHUNK));
    for (let i = 0; i < size; i++) {
      items[from + i] = best.items[i] as number;
      cosines[from + i] = best.scores[i] as number;
    }
    this.#places[item] = this.#end;
    this.#sizes[item] = size;
    this.#end += size;
  }

  each(item: number, take: (other: number, cosine: number) => void): void {
    const place = this.#places[item] as number;
    const [items, cosines] = [this.#items[Math.floor(place / CHUNK)], this.#cosines[Math.floor(place / CHUNK)]];
    const from = place % CHUNK;
    const end = from + (this.#sizes[item] as number);
    for (let i = from; i < end; i++) take(items?.[i] as number, cosines?.[i] as number);
  }
}

async function nearestItems(byUser: Rows, byItem: Rows, breathe: () => Promise<void>): Promise<Neighbours> {
  const count = byItem.ends.length;
  const together = new Float64Array(count);
  const near = new Neighbours(count);
  const takenBy = (item: number): number => (byItem.ends[item] as number) - (byItem.starts[item] as number);
  const met = new Uint32Array(count);
  for (let item = 0; item < count; item++) {
    let others = 0;
    for (let at = byItem.starts[item] as number; at < (byItem.ends[item] as number); at++) {
      const user = byItem.columns[at] as number;
      for (let e = byUser.starts[user] as number; e < (byUser.ends[user] as number); e++) {
        const other = byUser.columns[e] as number;
        if (other === item) continue;
        if (together[other] === 0) met[others++] = other;
        (together[other] as number)++;
      }
      await breathe();
    }
    const best = new Best(NEIGHBOURS);
    for (let i = 0; i < others; i++) {
      const other = met[i] as number;
      best.offer(other, (together[other] as number) / Math.sqrt(takenBy(item) * takenBy(other)));
      together[other] = 0;
      if (i % 1024 === 1023) await breathe();
    }
    near.keep(item, best);
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
