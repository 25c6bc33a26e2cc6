import { show } from '../show';
import type { Ids } from './ids';
import { checkId, checkWeight, invalid } from './options';
import type { History } from './types';

/** Histories as the engines take them: ascending item numbers, each once. */
export interface NumberedHistory {
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
  readonly count: number;
}

/** Turns ids into numbers in room that is used again: what `read` returns holds until the next call. */
export class HistoryReader {
  #columns = new Uint32Array(64);
  #weights = new Float32Array(64);
  readonly #places = new Map<number, number>();

  /** `key` is where an object has the id. */
  constructor(
    private readonly ids: Ids,
    private readonly key: 'item' | 'user' = 'item',
  ) {}

  /** Room for `count` items. */
  room(count: number): { columns: Uint32Array; weights: Float32Array } {
    if (this.#columns.length < count) {
      const [columns, weights] = [new Uint32Array(2 * count), new Float32Array(2 * count)];
      columns.set(this.#columns);
      weights.set(this.#weights);
      this.#columns = columns;
      this.#weights = weights;
    }
    return { columns: this.#columns, weights: this.#weights };
  }

  /** Weights of an item that comes several times are summed; unknown ids and weights of 0 are left out. */
  read(history: History | Iterable<string | { readonly user: string; readonly weight?: number }>): NumberedHistory {
    const { key } = this;
    if (typeof history !== 'object' || history === null || !(Symbol.iterator in history))
      throw invalid(`A history must be a list of ${key}s, not ${show(history)}`);
    let count = 0;
    this.#places.clear();
    for (const one of history) {
      const isId = typeof one === 'string';
      if (!isId && (typeof one !== 'object' || one === null))
        throw invalid(`A history's ${key} must be an id or an object, not ${show(one)}`);
      const id = isId ? one : (one as Partial<Record<'item' | 'user', string>>)[key];
      const number = this.ids.numberOf(checkId(id, key));
      const weight = isId ? 1 : checkWeight(one.weight ?? 1);
      if (number === undefined || weight === 0) continue;
      const place = this.#places.get(number);
      if (place !== undefined) {
        (this.#weights[place] as number) += weight;
        continue;
      }
      this.room(count + 1);
      this.#places.set(number, count);
      this.#columns[count] = number;
      this.#weights[count++] = weight;
    }
    return { columns: this.#columns, weights: this.#weights, count };
  }
}
