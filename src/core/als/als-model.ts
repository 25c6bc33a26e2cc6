import { Easy11Error } from '../errors';
import type { Job } from '../jobs/job';
import { checkJobOptions, runJob } from '../jobs/run-job';
import { backend } from '../loader';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { type BatchSource, recommendMany } from './batch';
import { type AlsEngine, Side } from './engine';
import { evaluate, type EvaluateOptions, type Evaluation, type Fit } from './evaluate';
import { type FactorTables, takeFactors } from './factors';
import { fit, type FittedModel } from './fitting';
import { checkStatus, engineError } from './status';
import { Finder, named } from './finder';
import { HistoryReader } from './histories';
import { measure, readTestSet } from './measuring';
import type { Metrics } from './metrics';
import { checkId, checkLengths, checkLimit, invalid, LIMITS } from './options';
import { saveModel } from './snapshot';
import { loadModel } from './snapshot-load';
import { tune, type TuneOptions, type Tuning } from './tune';
import { Turns } from './turns';
import type {
  AlsParameters,
  AlsStats,
  Explanation,
  FitOptions,
  History,
  Interaction,
  InteractionSource,
  Neighbour,
  Recommendation,
  RecommendOptions,
} from './types';
import type { WarmSource } from './warm';

const learn: Fit = (interactions, options) => AlsModel.fit(interactions, options);
const RECOMMEND_OPTIONS = ['limit', 'exclude', 'filter'] as const;

/**
 * Recommendations learnt from what people did: matrix factorisation for implicit feedback by alternating least squares (Hu, Koren,
 * Volinsky 2008; frequency-scaled regularisation after Rendle et al. 2022). Users and items become vectors of `factors` numbers
 * whose product is the score.
 *
 * Every method checks its arguments and throws Easy11Error with a `code`. A model belongs to one thread. `close` it (or declare it
 * with `using`): its memory lies outside the JavaScript heap.
 */
export class AlsModel {
  /** What runs this model: C++ or TypeScript. */
  readonly backend: 'native' | 'fallback';
  readonly #model: FittedModel;
  readonly #turns = new Turns();
  readonly #reader: HistoryReader;
  readonly #vector: Float32Array;
  readonly #finder: Finder;
  #closed = false;

  private constructor(model: FittedModel) {
    this.backend = model.backend;
    this.#model = model;
    this.#vector = new Float32Array(model.parameters.factors);
    this.#reader = new HistoryReader(model.items);
    this.#finder = new Finder(model.engine, model.items);
  }

  /**
   * Learns from interactions, off the event loop (native) or in slices of it (fallback). The same data, parameters and seed give
   * the same factors to the bit for any number of threads. O(iterations (entries f + (users + items) f²)).
   *
   * Rejects with ERR_EASY11_INVALID_ID, _WEIGHT, _OPTION, ERR_EASY11_EMPTY_DATA (nothing with a weight above 0),
   * ERR_EASY11_ABORTED or _OUT_OF_MEMORY, and with what the source or `onProgress` throws.
   */
  static async fit(interactions: InteractionSource, options: FitOptions = {}): Promise<AlsModel> {
    checkJobOptions(options);
    const { warmStart } = options;
    if (warmStart !== undefined && !(warmStart instanceof AlsModel)) throw invalid('warmStart must be an AlsModel');
    return new AlsModel(
      await fit(interactions, options, warmStart === undefined ? undefined : warmStart.#warmSource()),
    );
  }

  /**
   * Loads a model that `save` wrote, on either backend. Rejects with ERR_EASY11_IO, _CORRUPT_SNAPSHOT, _SNAPSHOT_VERSION,
   * _OUT_OF_MEMORY or _ABORTED.
   */
  static async load(
    path: string,
    options: { readonly signal?: AbortSignal; readonly threads?: number } = {},
  ): Promise<AlsModel> {
    return new AlsModel(await loadModel(path, options));
  }

  /**
   * A model of factors that were learnt elsewhere, such as by Spark MLlib's ALS: rows, or directories of Parquet files. It knows no
   * histories. Fold-in solves with `regularization` and `unobservedWeight`, which should be those of the training.
   * Rejects with ERR_EASY11_INVALID_OPTION, _INVALID_ID or _IO.
   */
  static async fromFactors(
    tables: FactorTables,
    options: Omit<AlsParameters, 'factors' | 'iterations'> = {},
  ): Promise<AlsModel> {
    return new AlsModel(await takeFactors(tables, options));
  }

  /**
   * Splits interactions, learns from one part and measures on the other, beside most-popular and item-item cosine.
   * Rejects as `fit` does.
   */
  static async evaluate(interactions: Iterable<Interaction>, options: EvaluateOptions = {}): Promise<Evaluation> {
    return evaluate(learn, interactions, options);
  }

  /**
   * Looks for α₀, λ, ν and the number of factors on a held-out part, for at most the work of ten full trainings.
   * Rejects as `fit` does.
   */
  static async tune(interactions: Iterable<Interaction>, options: TuneOptions = {}): Promise<Tuning> {
    return tune(learn, interactions, options);
  }

  /** Whether there is a user with this id. */
  hasUser(user: string): boolean {
    this.#open();
    return this.#model.users.numberOf(checkId(user, 'user')) !== undefined;
  }

  /** Whether there is an item with this id. */
  hasItem(item: string): boolean {
    this.#open();
    return this.#model.items.numberOf(checkId(item, 'item')) !== undefined;
  }

  /**
   * The best items for a user: one by id, or anybody by what they did, folded in on the spot (a session, a visitor). Exact: what
   * scoring every item would give, best first, equal scores in the order in which the items came.
   * Throws ERR_EASY11_UNKNOWN_ID (a user's id), ERR_EASY11_INVALID_ID, _WEIGHT, _LIMIT or _OPTION, and what `filter` throws.
   */
  recommend(user: string | History, options: RecommendOptions = {}): Recommendation[] {
    const engine = this.#open();
    checkOptionNames(options, RECOMMEND_OPTIONS);
    const { limit, excluded, filter } = this.#finder.read(options);
    const count = this.#finder.exclude(excluded, this.#vectorOf(engine, user, this.#vector));
    return filter
      ? this.#finder.filtered(this.#vector, limit, count, filter)
      : this.#finder.best(this.#vector, limit, count);
  }

  /**
   * `recommend` for many at once, with the same answers: on `threads` threads off the event loop (native) or in slices (fallback).
   * `filter` is asked on this thread, in slices. Rejects as `recommend` throws, and with ERR_EASY11_ABORTED, or _CLOSED when closed
   * meanwhile.
   */
  async recommendMany(
    users: readonly (string | History)[],
    options: RecommendOptions & { readonly signal?: AbortSignal } = {},
  ): Promise<Recommendation[][]> {
    const engine = this.#open();
    checkOptionNames(options, [...RECOMMEND_OPTIONS, 'signal']);
    checkJobOptions(options);
    if (!Array.isArray(users)) throw invalid(`users must be an array, not ${show(users)}`);
    const { signal } = options;
    const source: BatchSource = {
      ...{ engine, items: this.#model.items, reader: this.#reader, finder: this.#finder },
      factors: this.#vector.length,
      numberOf: (user) => this.#userNumber(user),
      check: () => this.#open(),
      run: (start) => this.#job(start, options),
    };
    const batch = { ...this.#finder.read(options), signal };
    return this.#turns.read(() => recommendMany(source, users as readonly (string | History)[], batch));
  }

  /** Items whose vectors point the same way, by cosine. O(items f), off the event loop. Rejects with ERR_EASY11_UNKNOWN_ID, _LIMIT. */
  async similarItems(
    item: string,
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Neighbour[]> {
    return this.#similar(Side.ITEMS, this.#itemNumber(item), options);
  }

  /** Users whose vectors point the same way, by cosine. O(users f), off the event loop. Rejects with ERR_EASY11_UNKNOWN_ID, _LIMIT. */
  async similarUsers(
    user: string,
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Neighbour[]> {
    return this.#similar(Side.USERS, this.#userNumber(user), options);
  }

  /** The vector of a user with this history: the exact solution, O(n² f). Its product with an item's vector is the score. */
  foldIn(history: History): Float32Array {
    const engine = this.#open();
    if (typeof history === 'string') throw invalid('A history is a list of items');
    const out = new Float32Array(this.#vector.length);
    this.#vectorOf(engine, history, out);
    return out;
  }

  /** What the model knows that a user did, each item once with its weight. Throws ERR_EASY11_UNKNOWN_ID. */
  history(user: string): { readonly item: string; readonly weight: number }[] {
    return this.#historyAsGiven(this.#open(), checkId(user, 'user'));
  }

  /** A copy of a user's vector. Throws ERR_EASY11_UNKNOWN_ID. */
  userVector(user: string): Float32Array {
    return this.#row(Side.USERS, this.#userNumber(user));
  }

  /** A copy of an item's vector. Throws ERR_EASY11_UNKNOWN_ID. */
  itemVector(item: string): Float32Array {
    return this.#row(Side.ITEMS, this.#itemNumber(item));
  }

  /**
   * What makes an item's score for a user: each item of the history with what it adds (Hu, Koren, Volinsky 2008, section 5).
   * O(n f² + f³). Throws ERR_EASY11_UNKNOWN_ID, and as `recommend` does.
   */
  explain(user: string | History, item: string): Explanation {
    const engine = this.#open();
    const number = this.#itemNumber(item);
    const { columns, weights, count } = this.#historyOf(engine, user);
    const parts = new Float32Array(count);
    const score = engine.explain(columns, weights, count, number, parts);
    if (Number.isNaN(score)) throw engineError(4, 'The explanation');
    const list = Array.from(parts, (part, i) => ({
      item: this.#model.items.nameOf(columns[i] as number),
      weight: weights[i] as number,
      part,
    }));
    return { score, parts: list.sort((a, b) => b.part - a.part) };
  }

  /**
   * Replaces a user's history, or adds a user, and solves their vector. Waits for batch work that runs. The other vectors stay as
   * they are: a new `fit` with this model as `warmStart` moves them too. Rejects as `recommend` throws.
   */
  async updateUser(user: string, history: History): Promise<void> {
    this.#open();
    checkId(user, 'user');
    const { columns, weights, count } = this.#reader.read(history);
    const [items, values] = [columns.slice(0, count), weights.slice(0, count)];
    await this.#turns.update(() => {
      const number = this.#model.users.numberOf(user) ?? this.#model.users.size;
      checkStatus(this.#open().updateUser(number, items, values, count), 'Updating a user');
      this.#model.users.add(user);
    });
  }

  /**
   * Gives an item, known or new, the vector that follows from who took it: users by id, or with weights; unknown ones are passed
   * over. It can be recommended at once. Waits for batch work that runs. Rejects with ERR_EASY11_INVALID_ID or _WEIGHT.
   */
  async updateItem(
    item: string,
    users: Iterable<string | { readonly user: string; readonly weight?: number }>,
  ): Promise<void> {
    this.#open();
    checkId(item, 'item');
    const { columns, weights, count } = new HistoryReader(this.#model.users, 'user').read(users);
    await this.#turns.update(() => {
      const number = this.#model.items.numberOf(item) ?? this.#model.items.size;
      checkStatus(this.#open().updateItem(number, columns, weights, count), 'Updating an item');
      this.#model.items.add(item);
    });
  }

  /**
   * Measures the model on interactions that it has not seen: for every user whom it knows, folded in exactly from their history, the
   * best items without that history against what they took. Rejects with ERR_EASY11_INVALID_ID, _WEIGHT or _OPTION.
   */
  async evaluate(
    test: Iterable<Interaction> | AsyncIterable<Interaction>,
    options: { readonly at?: readonly number[]; readonly signal?: AbortSignal } = {},
  ): Promise<Metrics> {
    const engine = this.#open();
    checkOptionNames(options, ['at', 'signal']);
    checkJobOptions(options);
    const at = checkLengths(options.at === undefined ? [20] : options.at);
    const { users, items } = this.#model;
    const set = await readTestSet(test, users, items);
    return measure(engine, items.size, set, at, (start) => this.#run(start, options));
  }

  /** Writes the model to a file, whole or not at all. Rejects with ERR_EASY11_IO, _ABORTED or _CLOSED. */
  async save(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#open();
    await this.#turns.read(() => saveModel(path, options, this.#model, () => this.#open()));
  }

  /** Sizes and parameters. */
  stats(): AlsStats {
    const { parameters, losses } = this.#model;
    return { backend: this.backend, isa: backend().isa, ...this.#open().stats(), parameters, losses };
  }

  /** Frees the memory and cancels what runs. Every later call throws ERR_EASY11_CLOSED, but for `close` itself. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#model.engine.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): AlsEngine {
    if (this.#closed) throw new Easy11Error('ERR_EASY11_CLOSED', 'This AlsModel has been closed');
    return this.#model.engine;
  }

  #warmSource(): WarmSource {
    const { users, items, parameters } = this.#model;
    this.#open();
    return { ...{ users, items, parameters }, engine: () => this.#open(), read: (work) => this.#turns.read(work) };
  }

  async #run(start: () => Job, options: { readonly signal?: AbortSignal }): Promise<void> {
    await this.#turns.read(() => this.#job(start, options));
  }

  async #job(start: () => Job, { signal }: { readonly signal?: AbortSignal }): Promise<void> {
    this.#open();
    await runJob(
      start,
      signal ? { signal } : {},
      () => undefined,
      (status) => Promise.resolve(engineError(status, 'The work')),
    );
    this.#open();
  }

  #userNumber(user: string): number {
    this.#open();
    const number = this.#model.users.numberOf(checkId(user, 'user'));
    if (number === undefined)
      throw new Easy11Error('ERR_EASY11_UNKNOWN_ID', `There is no user ${show(user)} in this model`);
    return number;
  }

  #itemNumber(item: string): number {
    this.#open();
    const number = this.#model.items.numberOf(checkId(item, 'item'));
    if (number === undefined)
      throw new Easy11Error('ERR_EASY11_UNKNOWN_ID', `There is no item ${show(item)} in this model`);
    return number;
  }

  #row(side: Side, number: number): Float32Array {
    const out = new Float32Array(this.#vector.length);
    checkStatus(this.#open().rows(side, number, 1, out, out.length), 'Copying a vector');
    return out;
  }

  #historyOf(
    engine: AlsEngine,
    user: string | History,
  ): { columns: Uint32Array; weights: Float32Array; count: number } {
    if (typeof user !== 'string') return this.#reader.read(user);
    const number = this.#userNumber(user);
    const count = engine.historySize(number);
    const { columns, weights } = this.#reader.room(count);
    checkStatus(engine.history(number, columns, weights), 'Copying a history');
    return { columns, weights, count };
  }

  #historyAsGiven(engine: AlsEngine, user: string): { item: string; weight: number }[] {
    const { columns, weights, count } = this.#historyOf(engine, user);
    return Array.from({ length: count }, (_, i) => ({
      item: this.#model.items.nameOf(columns[i] as number),
      weight: weights[i] as number,
    }));
  }

  /** Writes the vector of a user and returns their history, which is in the reader's room until the next call. */
  #vectorOf(engine: AlsEngine, user: string | History, out: Float32Array): { columns: Uint32Array; count: number } {
    const history = this.#historyOf(engine, user);
    const { columns, weights, count } = history;
    if (typeof user === 'string')
      checkStatus(engine.rows(Side.USERS, this.#userNumber(user), 1, out, out.length), 'Copying a vector');
    else checkStatus(engine.foldIn(columns, weights, count, out), 'Folding in');
    return history;
  }

  async #similar(
    side: Side,
    row: number,
    options: { readonly limit?: number; readonly signal?: AbortSignal },
  ): Promise<Neighbour[]> {
    checkOptionNames(options, ['limit', 'signal']);
    checkJobOptions(options);
    const { limit = 20 } = options;
    checkLimit(limit);
    const items = new Uint32Array(LIMITS.RESULTS);
    const scores = new Float32Array(LIMITS.RESULTS);
    await this.#run(() => this.#model.engine.similar(side, row, limit, items, scores), options);
    const ids = side === Side.USERS ? this.#model.users : this.#model.items;
    return named(ids, items, scores, 0, limit).map(({ item, score }) => ({ id: item, cosine: score }));
  }
}
