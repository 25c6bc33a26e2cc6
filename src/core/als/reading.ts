import { Easy11Error } from '../errors';
import { throwIfAborted } from '../jobs/run-job';
import { show } from '../show';
import { Ids } from './ids';
import { checkId, checkWeight, invalid } from './options';
import type { FitOptions, Interaction, InteractionColumns, InteractionSource } from './types';

/** A block of interactions by number; only the first `count` are meant. */
export interface Block {
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  readonly weights: Float32Array;
  readonly times: Float64Array;
  count: number;
}

const BLOCK = 1 << 14;
/** Work between two turns of the event loop, in milliseconds. */
const SLICE = 1;
const PROGRESS_EVERY = 50;

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const newBlock = (size = BLOCK): Block => ({
  users: new Uint32Array(size),
  items: new Uint32Array(size),
  weights: new Float32Array(size),
  times: new Float64Array(size),
  count: 0,
});

export interface ReadResult {
  readonly users: Ids;
  readonly items: Ids;
  /** Sum of their weights. */
  readonly weight: number;
}

/**
 * Reads interactions of any form in slices of about 1 ms, handing blocks of them to `take`. Throws for the first that is not
 * acceptable: ERR_EASY11_INVALID_ID, _WEIGHT or _OPTION (`time`, or an index out of range). With `before`, ids go on from its ids.
 */
export async function readInteractions(
  source: InteractionSource,
  options: Pick<FitOptions, 'signal' | 'onProgress'>,
  take: (block: Block) => void,
  before?: Pick<ReadResult, 'users' | 'items'>,
): Promise<ReadResult> {
  const reader = new Reader(options, take, before);
  throwIfAborted(options.signal);
  if (typeof source === 'object' && source !== null && 'userIds' in source) await reader.readColumns(source);
  else if (hasMethod(source, Symbol.asyncIterator)) {
    for await (const one of source as AsyncIterable<Interaction>) if (reader.add(one)) await reader.rest();
  } else if (hasMethod(source, Symbol.iterator)) {
    for (const one of source as Iterable<Interaction>) if (reader.add(one)) await reader.rest();
  } else throw invalid(`Interactions must be iterable or columns, not ${show(source)}`);
  throwIfAborted(options.signal);
  return reader.end();
}

/** Interactions in columns, which are read many times faster. O(interactions), at once. */
export function columnsOf(interactions: readonly Interaction[]): InteractionColumns {
  const [users, items] = [new Ids(), new Ids()];
  const columns = {
    users: Uint32Array.from(interactions, ({ user }) => users.add(user)),
    items: Uint32Array.from(interactions, ({ item }) => items.add(item)),
    weights: Float32Array.from(interactions, ({ weight = 1 }) => weight),
  };
  return { ...columns, userIds: users.names(), itemIds: items.names() };
}

/** Throws ERR_EASY11_INVALID_ID, _WEIGHT or _OPTION (`time`, or no object). */
export function checkInteraction(one: Interaction): void {
  if (typeof one !== 'object' || one === null) throw invalid(`An interaction must be an object, not ${show(one)}`);
  const { user, item, weight = 1, time = 0 } = one;
  if (typeof time !== 'number' || !Number.isFinite(time))
    throw invalid(`time must be a finite number, not ${show(time)}`);
  checkId(user, 'user');
  checkId(item, 'item');
  checkWeight(weight);
}

/** The error with the place of the interaction that it is about. */
export function placed(error: unknown, place: number): unknown {
  if (!(error instanceof Easy11Error)) return error;
  return new Easy11Error(error.code, `Interaction ${place}: ${error.message}`, { cause: error });
}

class Reader {
  readonly #users: Ids;
  readonly #items: Ids;
  readonly #block = newBlock();
  /** Of those read here. */
  #count = 0;
  #weight = 0;
  #sliceStart = performance.now();
  #reportedAt = this.#sliceStart;

  constructor(
    private readonly options: Pick<FitOptions, 'signal' | 'onProgress'>,
    private readonly take: (block: Block) => void,
    before: Pick<ReadResult, 'users' | 'items'> | undefined,
  ) {
    this.#users = before?.users ?? new Ids();
    this.#items = before?.items ?? new Ids();
  }

  /** Returns true when the slice is over. */
  add(one: Interaction): boolean {
    try {
      checkInteraction(one);
    } catch (error) {
      throw placed(error, this.#count);
    }
    const { user, item, weight = 1, time = 0 } = one;
    this.#put(this.#users.add(user), this.#items.add(item), weight, time);
    return this.#count % 64 === 0 && performance.now() - this.#sliceStart >= SLICE;
  }

  async readColumns(columns: InteractionColumns): Promise<void> {
    const { userIds, itemIds, users, items, weights, times } = columns;
    if (!isTyped(users, 'Uint32Array') || !isTyped(items, 'Uint32Array'))
      throw invalid('The columns users and items must be Uint32Arrays');
    if ((weights && !isTyped(weights, 'Float32Array')) || (times && !isTyped(times, 'Float64Array')))
      throw invalid('The column weights must be a Float32Array, times a Float64Array');
    for (const column of [items, weights, times])
      if (column && column.length !== users.length) throw invalid('The columns must be of one length');
    const userNumbers = await this.#addIds(this.#users, userIds, 'userIds');
    const itemNumbers = await this.#addIds(this.#items, itemIds, 'itemIds');
    for (let e = 0; e < users.length; e++) {
      const user = users[e] as number;
      const item = items[e] as number;
      if (user >= userIds.length || item >= itemIds.length)
        throw invalid(`Interaction ${e}: user ${user} or item ${item} is beyond the ids`);
      const weight = weights ? (weights[e] as number) : 1;
      if (!(weight >= 0 && weight <= 1e9)) checkWeight(weight);
      const time = times ? (times[e] as number) : 0;
      if (!Number.isFinite(time)) throw invalid(`Interaction ${e}: time must be a finite number, not ${show(time)}`);
      this.#put(userNumbers?.[user] ?? user, itemNumbers?.[item] ?? item, weight, time);
      if (e % 4096 === 0 && performance.now() - this.#sliceStart >= SLICE) await this.rest();
    }
  }

  /** The numbers of ids; undefined where they are numbered from 0 as they come. */
  async #addIds(ids: Ids, names: readonly string[], what: string): Promise<Uint32Array | undefined> {
    if (!Array.isArray(names)) throw invalid(`${what} must be an array of strings`);
    const known = ids.size;
    // Often they begin as those that are known do: then an id's place is its number.
    let alike = 0;
    for (; alike < known && names[alike] === ids.nameOf(alike); alike++)
      if (alike % 1024 === 0 && performance.now() - this.#sliceStart >= SLICE) await this.rest();
    const numbers = alike < known ? new Uint32Array(names.length) : undefined;
    if (numbers) for (let i = 0; i < alike; i++) numbers[i] = i;
    const met = new Set<number>();
    for (let i = alike; i < names.length; i++) {
      const next = ids.size;
      const number = ids.add(checkId(names[i] as string, what));
      if (number < known ? number < alike || met.has(number) : number !== next)
        throw new Easy11Error('ERR_EASY11_DUPLICATE_ID', `${what} names ${show(names[i])} twice`);
      if (number < known) met.add(number);
      if (numbers) numbers[i] = number;
      if (i % 1024 === 0 && performance.now() - this.#sliceStart >= SLICE) await this.rest();
    }
    return numbers;
  }

  #put(user: number, item: number, weight: number, time: number): void {
    const block = this.#block;
    block.users[block.count] = user;
    block.items[block.count] = item;
    block.weights[block.count] = weight;
    block.times[block.count] = time;
    this.#count++;
    this.#weight += weight;
    if (++block.count === BLOCK) this.#flush();
  }

  #flush(): void {
    if (this.#block.count > 0) this.take(this.#block);
    this.#block.count = 0;
  }

  async rest(): Promise<void> {
    if (performance.now() - this.#reportedAt >= PROGRESS_EVERY) {
      this.#reportedAt = performance.now();
      this.options.onProgress?.({ phase: 'reading', done: this.#count, total: undefined });
    }
    await nextTurn();
    throwIfAborted(this.options.signal);
    this.#sliceStart = performance.now();
  }

  end(): ReadResult {
    this.#flush();
    this.options.onProgress?.({ phase: 'reading', done: this.#count, total: this.#count });
    return { users: this.#users, items: this.#items, weight: this.#weight };
  }
}

/** By name: inside Jest a typed array may be of another realm. */
function isTyped(value: unknown, name: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

/** A string is iterable too, but never what was meant. */
export function isIterable(value: unknown): boolean {
  return hasMethod(value, Symbol.iterator) || hasMethod(value, Symbol.asyncIterator);
}

function hasMethod(value: unknown, symbol: symbol): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as Record<symbol, unknown>)[symbol] === 'function'
  );
}
