import type { Job } from '../jobs/job';
import { throwIfAborted } from '../jobs/run-job';
import { type AlsEngine, Side } from './engine';
import { checkStatus } from './status';
import { type Finder, named, type Wanted } from './finder';
import type { HistoryReader, NumberedHistory } from './histories';
import type { Ids } from './ids';
import { nextTurn } from './reading';
import type { History, Recommendation } from './types';

/** What a batch needs of its model. */
export interface BatchSource {
  readonly engine: AlsEngine;
  readonly items: Ids;
  readonly reader: HistoryReader;
  readonly finder: Finder;
  readonly factors: number;
  numberOf(user: string): number;
  /** Runs a job to its end; throws when the model is closed by then. */
  run(start: () => Job): Promise<void>;
  /** Throws when the model is closed. */
  check(): void;
}

export interface BatchOptions extends Wanted {
  readonly signal: AbortSignal | undefined;
}

/** A user by number, or a history. */
type Asked = number | NumberedHistory;

/** Results of one job. */
const RESULTS = 1 << 19;
/** Work between two turns of the event loop, in milliseconds. */
const SLICE = 1;

/**
 * The best items for many: jobs of the engine find them, as many as a filter asked about one by one would want to see first; the few
 * users of whom it keeps too little are then looked after singly.
 */
export async function recommendMany(
  source: BatchSource,
  users: readonly (string | History)[],
  options: BatchOptions,
): Promise<Recommendation[][]> {
  const batch = new Batch(source, options);
  const asked: Asked[] = [];
  for (const user of users) {
    asked.push(batch.read(user));
    await batch.breathe();
  }
  // Users and histories are ranked by different jobs.
  const places = asked.map((_, place) => place);
  const lists: Recommendation[][] = asked.map(() => []);
  for (const kind of ['number', 'object'] as const) {
    const own = places.filter((place) => typeof asked[place] === kind);
    for (let from = 0; from < own.length; from += batch.most) {
      const piece = own.slice(from, from + batch.most);
      const found = await batch.rank(piece.map((place) => asked[place] as Asked));
      piece.forEach((place, i) => (lists[place] = found[i] as Recommendation[]));
    }
  }
  return lists;
}

class Batch {
  /** Results that a job gives for each. */
  readonly #wanted: number;
  #since = performance.now();

  constructor(
    private readonly source: BatchSource,
    private readonly options: BatchOptions,
  ) {
    const { limit, filter } = options;
    this.#wanted = Math.min(source.items.size, filter ? source.finder.firstLook(limit) : limit);
  }

  /** How many can be ranked at once. */
  get most(): number {
    return Math.max(1, Math.floor(RESULTS / Math.max(1, this.#wanted)));
  }

  read(user: string | History): Asked {
    if (typeof user === 'string') return this.source.numberOf(user);
    const { columns, weights, count } = this.source.reader.read(user);
    return { columns: columns.slice(0, count), weights: weights.slice(0, count), count };
  }

  async breathe(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return;
    await nextTurn();
    throwIfAborted(this.options.signal);
    this.source.check();
    this.#since = performance.now();
  }

  async rank(asked: readonly Asked[]): Promise<Recommendation[][]> {
    const wanted = this.#wanted;
    const items = new Uint32Array(asked.length * wanted);
    const scores = new Float32Array(items.length);
    if (items.length > 0) await this.source.run(() => this.#start(asked, items, scores));
    this.#since = performance.now();
    const lists: Recommendation[][] = [];
    for (const [i, one] of asked.entries()) {
      const found = named(this.source.items, items, scores, i * wanted, (i + 1) * wanted);
      lists.push(this.options.filter ? this.#filtered(one, found, this.options.filter) : found);
      await this.breathe();
    }
    return lists;
  }

  #start(asked: readonly Asked[], items: Uint32Array, scores: Float32Array): Job {
    const { engine } = this.source;
    const { history, more } = this.options.excluded;
    if (typeof asked[0] === 'number')
      return engine.rank(Uint32Array.from(asked as number[]), this.#wanted, false, history, more, items, scores);
    const lists = asked as NumberedHistory[];
    const starts = new Uint32Array(lists.length + 1);
    lists.forEach(({ count }, i) => (starts[i + 1] = (starts[i] as number) + count));
    const columns = new Uint32Array(starts[lists.length] as number);
    const weights = new Float32Array(columns.length);
    lists.forEach((list, i) => {
      columns.set(list.columns, starts[i]);
      weights.set(list.weights, starts[i]);
    });
    return engine.rankHistories(starts, columns, weights, this.#wanted, history, more, items, scores);
  }

  /** What the filter keeps of the best; where that is too little, it is asked about those behind them. */
  #filtered(one: Asked, best: readonly Recommendation[], filter: (item: string) => boolean): Recommendation[] {
    const { limit, excluded } = this.options;
    const { finder } = this.source;
    const found: Recommendation[] = [];
    for (const recommendation of best) {
      if (found.length === limit) return found;
      if (filter(recommendation.item)) found.push(recommendation);
    }
    if (found.length === limit || best.length < this.#wanted || this.#wanted === this.source.items.size) return found;
    this.source.check();
    const { vector, history } = this.#vectorOf(one);
    return finder.filtered(vector, limit, finder.exclude(excluded, history), filter, found, best.length);
  }

  #vectorOf(one: Asked): { vector: Float32Array; history: { columns: Uint32Array; count: number } } {
    const { engine, reader, factors } = this.source;
    const vector = new Float32Array(factors);
    if (typeof one !== 'number') {
      checkStatus(engine.foldIn(one.columns, one.weights, one.count, vector), 'Folding in');
      return { vector, history: one };
    }
    checkStatus(engine.rows(Side.USERS, one, 1, vector, factors), 'Copying a vector');
    const count = engine.historySize(one);
    const { columns, weights } = reader.room(count);
    checkStatus(engine.history(one, columns, weights), 'Copying a history');
    return { vector, history: { columns, count } };
  }
}
