import { show } from '../show';
import { type AlsEngine, NO_ITEM } from './engine';
import { engineError } from './status';
import type { Ids } from './ids';
import { checkId, checkLimit, invalid } from './options';
import type { Recommendation, RecommendOptions } from './types';

/** Results from `from` to `to`, or to the first place that is not filled. */
export function named(ids: Ids, items: Uint32Array, scores: Float32Array, from: number, to: number): Recommendation[] {
  const list: Recommendation[] = [];
  for (let i = from; i < to && items[i] !== NO_ITEM; i++)
    list.push({ item: ids.nameOf(items[i] as number), score: scores[i] as number });
  return list;
}

/** What must not be recommended. */
export interface Excluded {
  /** Whether that is what the user had. */
  readonly history: boolean;
  /** Further items. */
  readonly more: Uint32Array;
}

/** Options of `recommend`, checked. */
export interface Wanted {
  readonly limit: number;
  readonly excluded: Excluded;
  readonly filter: RecommendOptions['filter'] | undefined;
}

const NO_MORE = new Uint32Array(0);
const HISTORY: Excluded = { history: true, more: NO_MORE };
const NOTHING: Excluded = { history: false, more: NO_MORE };

/** Finds the best items for a vector, in room that is used again. */
export class Finder {
  #excluded = new Uint32Array(256);
  #items = new Uint32Array(64);
  #scores = new Float32Array(64);

  constructor(
    private readonly engine: AlsEngine,
    private readonly ids: Ids,
  ) {}

  /** Throws ERR_EASY11_INVALID_LIMIT, _INVALID_OPTION or _INVALID_ID. */
  read({ limit = 20, exclude = 'history', filter }: RecommendOptions): Wanted {
    checkLimit(limit);
    if (filter !== undefined && typeof filter !== 'function')
      throw invalid(`filter must be a function, not ${show(filter)}`);
    return { limit, excluded: this.#readExcluded(exclude), filter };
  }

  /** Ids that the model does not know are passed over. */
  #readExcluded(exclude: 'history' | 'none' | Iterable<string>): Excluded {
    if (exclude === 'history') return HISTORY;
    if (exclude === 'none') return NOTHING;
    if (typeof exclude !== 'object' || exclude === null || !(Symbol.iterator in exclude))
      throw invalid(`exclude must be 'history', 'none' or a list of ids, not ${show(exclude)}`);
    const more: number[] = [];
    for (const item of exclude) {
      const number = this.ids.numberOf(checkId(item, 'item'));
      if (number !== undefined) more.push(number);
    }
    return { history: true, more: Uint32Array.from(more) };
  }

  /** Notes what must not be recommended to a user with this history; returns how many items that are. */
  exclude({ history, more }: Excluded, own: { columns: Uint32Array; count: number }): number {
    const had = history ? own.count : 0;
    const count = had + more.length;
    if (this.#excluded.length < count) this.#excluded = new Uint32Array(2 * count);
    this.#excluded.set(own.columns.subarray(0, had));
    this.#excluded.set(more, had);
    return count;
  }

  best(vector: Float32Array, limit: number, excluded: number): Recommendation[] {
    const count = this.#find(vector, limit, this.#excluded, excluded);
    return named(this.ids, this.#items, this.#scores, 0, count);
  }

  /** How many a filter is first asked about, where so many are wanted. */
  firstLook(limit: number): number {
    return 2 * limit + 16;
  }

  /**
   * Asks the filter about the best ones first, and looks further down only while too few pass: four times as far each time. Goes on
   * from what was `found` among those that it was `asked` about in a first look.
   */
  filtered(
    vector: Float32Array,
    limit: number,
    excluded: number,
    filter: (item: string) => boolean,
    found: Recommendation[] = [],
    asked = 0,
  ): Recommendation[] {
    // Copies: the filter may call the model, which uses the same room.
    const [own, out] = [vector.slice(), this.#excluded.slice(0, excluded)];
    for (let wanted = this.firstLook(limit) * (asked > 0 ? 4 : 1); found.length < limit; wanted *= 4) {
      const count = this.#find(own, wanted, out, excluded);
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

  #find(vector: Float32Array, limit: number, out: Uint32Array, excluded: number): number {
    const wanted = Math.min(limit, this.ids.size);
    if (this.#items.length < wanted) {
      this.#items = new Uint32Array(wanted);
      this.#scores = new Float32Array(wanted);
    }
    const count = this.engine.top(vector, wanted, out, excluded, this.#items, this.#scores);
    if (count < 0) throw engineError(4, 'The search');
    return count;
  }
}
