import type { Job } from '../jobs/job';
import { show } from '../show';
import type { AlsEngine } from './engine';
import { NO_ITEM } from './engine';
import type { Ids } from './ids';
import { type Metrics, MetricsCounter } from './metrics';
import { invalid } from './options';
import { checkInteraction, isIterable, nextTurn, placed } from './reading';
import type { Interaction } from './types';

/** What users took in a test set, by their number in a model. */
export interface TestSet {
  /** Users that the model knows, with the items that it knows. */
  readonly taken: ReadonlyMap<number, ReadonlySet<number>>;
  /** For each of them, how many items the model does not know: no list can hit them. */
  readonly unknown: ReadonlyMap<number, number>;
  /** Interactions of users whom the model does not know: not measured. */
  readonly strangers: number;
}

/** Sorts a test set by user. O(interactions), in slices of the event loop. Throws as reading a training set does. */
export async function readTestSet(
  test: Iterable<Interaction> | AsyncIterable<Interaction>,
  users: Ids,
  items: Ids,
): Promise<TestSet> {
  const taken = new Map<number, Set<number>>();
  const missed = new Map<number, Set<string>>();
  let strangers = 0;
  let read = 0;
  if (!isIterable(test)) throw invalid(`A test set must be iterable, not ${show(test)}`);
  for await (const one of test) {
    try {
      checkInteraction(one);
    } catch (error) {
      throw placed(error, read);
    }
    if (++read % 4096 === 0) await nextTurn();
    const { user, item, weight = 1 } = one;
    const number = users.numberOf(user);
    if (weight === 0) continue;
    if (number === undefined) {
      strangers++;
      continue;
    }
    const known = items.numberOf(item);
    let own = taken.get(number);
    if (!own) taken.set(number, (own = new Set()));
    if (known !== undefined) own.add(known);
    else {
      let names = missed.get(number);
      if (!names) missed.set(number, (names = new Set()));
      names.add(item);
    }
  }
  return { taken, unknown: new Map([...missed].map(([user, names]) => [user, names.size])), strangers };
}

const NOTHING = new Uint32Array(0);
const BATCH = 2048;
/** Lists that are counted between two turns of the event loop. */
const SLICE = 128;

/** Ranks for every user of the test set, folded in anew, without what they had, and measures the lists. */
export async function measure(
  engine: AlsEngine,
  items: number,
  test: TestSet,
  at: readonly number[],
  run: (start: () => Job) => Promise<void>,
): Promise<Metrics> {
  const counter = new MetricsCounter(at, items);
  const limit = Math.max(...at);
  const users = Uint32Array.from(test.taken.keys()).sort();
  for (let from = 0; from < users.length; from += BATCH) {
    const batch = users.slice(from, from + BATCH);
    const ranked = new Uint32Array(batch.length * limit);
    const scores = new Float32Array(ranked.length);
    await run(() => engine.rank(batch, limit, true, true, NOTHING, ranked, scores));
    for (const [i, user] of batch.entries()) {
      const list = ranked.subarray(i * limit, (i + 1) * limit);
      const end = list.indexOf(NO_ITEM);
      counter.add(
        list,
        end < 0 ? limit : end,
        test.taken.get(user) as ReadonlySet<number>,
        test.unknown.get(user) ?? 0,
      );
      if (i % SLICE === SLICE - 1) await nextTurn();
    }
    await nextTurn();
  }
  return counter.result();
}
