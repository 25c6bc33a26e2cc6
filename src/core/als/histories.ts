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

  constructor(private readonly ids: Ids) {}

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
  read(history: History): NumberedHistory {
    if (typeof history !== 'object' || history === null || !(Symbol.iterator in history))
      throw invalid(`A history must be a list of items, not ${show(history)}`);
    let count = 0;
    this.#places.clear();
    for (const one of history) {
      const isId = typeof one === 'string';
      if (!isId && (typeof one !== 'object' || one === null))
        throw invalid(`A history's item must be an id or an object, not ${show(one)}`);
      const number = this.ids.numberOf(checkId(isId ? one : one.item, 'item'));
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

  readMany(histories: readonly History[]): { starts: Uint32Array; columns: Uint32Array; weights: Float32Array } {
    const starts = new Uint32Array(histories.length + 1);
    const lists = histories.map((history) => {
      const { columns, weights, count } = this.read(history);
      return { columns: columns.slice(0, count), weights: weights.slice(0, count) };
    });
    lists.forEach(({ columns }, i) => (starts[i + 1] = (starts[i] as number) + columns.length));
    const columns = new Uint32Array(starts[histories.length] as number);
    const weights = new Float32Array(columns.length);
    lists.forEach((list, i) => {
      columns.set(list.columns, starts[i] as number);
      weights.set(list.weights, starts[i] as number);
    });
    return { starts, columns, weights };
  }
}
