import { show } from '../show';
import { type AlsEngine, NO_ITEM } from './engine';
import { engineError } from './fitting';
import type { Ids } from './ids';
import { checkId, invalid } from './options';
import type { Recommendation, RecommendOptions } from './types';

/** Results from `from` to `to`, or to the first place that is not filled. */
export function named(ids: Ids, items: Uint32Array, scores: Float32Array, from: number, to: number): Recommendation[] {
  const list: Recommendation[] = [];
  for (let i = from; i < to && items[i] !== NO_ITEM; i++)
    list.push({ item: ids.nameOf(items[i] as number), score: scores[i] as number });
  return list;
}

/** Finds the best items for a vector, in room that is used again. */
export class Finder {
  #excluded = new Uint32Array(256);
  #items = new Uint32Array(64);
  #scores = new Float32Array(64);

  constructor(
    private readonly engine: AlsEngine,
    private readonly ids: Ids,
  ) {}

  /** Notes what must not be recommended; returns how many that are. */
  exclude(exclude: NonNullable<RecommendOptions['exclude']>, history: { columns: Uint32Array; count: number }): number {
    if (exclude === 'none') return 0;
    if (this.#excluded.length < history.count) this.#excluded = new Uint32Array(2 * history.count);
    this.#excluded.set(history.columns.subarray(0, history.count));
    let count = history.count;
    if (exclude === 'history') return count;
    if (typeof exclude !== 'object' || exclude === null || !(Symbol.iterator in exclude))
      throw invalid(`exclude must be 'history', 'none' or a list of ids, not ${show(exclude)}`);
    for (const item of exclude) {
      const number = this.ids.numberOf(checkId(item, 'item'));
      if (number === undefined) continue;
      if (count === this.#excluded.length) {
        const more = new Uint32Array(2 * count + 16);
        more.set(this.#excluded);
        this.#excluded = more;
      }
      this.#excluded[count++] = number;
    }
    return count;
  }

  best(vector: Float32Array, limit: number, excluded: number): Recommendation[] {
    const count = this.#find(vector, limit, excluded);
    return named(this.ids, this.#items, this.#scores, 0, count);
  }

  /** Asks the filter about the best ones first, and looks further down only while too few pass: four times as far each time. */
  filtered(vector: Float32Array, limit: number, excluded: number, filter: (item: string) => boolean): Recommendation[] {
    const found: Recommendation[] = [];
    for (let asked = 0, wanted = 2 * limit + 16; found.length < limit; wanted *= 4) {
      const count = this.#find(vector, wanted, excluded);
      // The filter may call the model, which uses the same room.
      const [items, scores] = [this.#items.slice(asked, count), this.#scores.slice(asked, count)];
      for (let i = 0; i < items.length && found.length < limit; i++) {
        const item = this.ids.nameOf(items[i] as number);
        if (filter(item)) found.push({ item, score: scores[i] as number });
      }
      asked = count;
      if (count < wanted) break;
    }
    return found;
  }

  #find(vector: Float32Array, limit: number, excluded: number): number {
    const wanted = Math.min(limit, this.ids.size);
    if (this.#items.length < wanted) {
      this.#items = new Uint32Array(wanted);
      this.#scores = new Float32Array(wanted);
    }
    const count = this.engine.top(vector, wanted, this.#excluded, excluded, this.#items, this.#scores);
    if (count < 0) throw engineError(4, 'The search');
    return count;
  }
}
