import { throwIfAborted } from '../jobs/run-job';
import { type AlsEngine, Side } from './engine';
import { Ids } from './ids';
import { type Block, newBlock, nextTurn, type ReadResult } from './reading';
import { checkStatus } from './status';
import type { AlsParameters } from './types';

/** The model that a warm start goes on from. */
export interface WarmSource {
  readonly users: Ids;
  readonly items: Ids;
  readonly parameters: Required<AlsParameters>;
  /** Throws ERR_EASY11_CLOSED when it has been closed meanwhile. */
  engine(): AlsEngine;
}

const SLICE = 1;

/** Lets the event loop have its turn when a slice is over. */
class Pace {
  #begun = performance.now();

  constructor(private readonly signal?: AbortSignal) {}

  async rest(): Promise<void> {
    if (performance.now() - this.#begun < SLICE) return;
    await nextTurn();
    throwIfAborted(this.signal);
    this.#begun = performance.now();
  }
}

/**
 * Hands on what a model has learnt from, under the numbers that it has there: ids that come later are numbered behind them. What
 * changes in the model meanwhile may be in it or not.
 */
export async function adopt(
  warm: WarmSource,
  take: (block: Block) => void,
  signal: AbortSignal | undefined,
): Promise<ReadResult> {
  const pace = new Pace(signal);
  const copyOf = async (ids: Ids): Promise<Ids> => {
    const copy = new Ids();
    const { size } = ids;
    for (let number = 0; number < size; number++) {
      copy.add(ids.nameOf(number));
      if (number % 256 === 0) await pace.rest();
    }
    return copy;
  };
  const [users, items] = [await copyOf(warm.users), await copyOf(warm.items)];
  let block = newBlock();
  let [count, weight] = [0, 0];
  const flush = (): void => {
    if (block.count > 0) take(block);
    block.count = 0;
  };
  for (let user = 0; user < users.size; user++) {
    const engine = warm.engine();
    const size = engine.historySize(user);
    if (block.count + size > block.users.length) {
      flush();
      if (size > block.users.length) block = newBlock(size);
    }
    const [from, to] = [block.count, block.count + size];
    checkStatus(
      engine.history(user, block.items.subarray(from, to), block.weights.subarray(from, to)),
      'Copying a history',
    );
    for (let at = from; at < to; at++) {
      const item = block.items[at] as number;
      // It came to the model after its ids were copied: its number will be another's here.
      if (item >= items.size) continue;
      const own = block.weights[at] as number;
      block.users[block.count] = user;
      block.items[block.count] = item;
      block.weights[block.count] = own;
      block.count++;
      weight += own;
      count++;
    }
    if (user % 64 === 0) await pace.rest();
  }
  flush();
  return { users, items, count, weight };
}

/** Copies the vectors of who is known. New items begin at zero: they then follow from the users who took them, and disturb nobody before. */
export async function copyRows(
  engine: AlsEngine,
  warm: WarmSource,
  users: Ids,
  items: Ids,
  factors: number,
): Promise<void> {
  const pace = new Pace();
  const row = new Float32Array(factors);
  for (const [side, ids, old] of [
    [Side.USERS, users, warm.users],
    [Side.ITEMS, items, warm.items],
  ] as const) {
    for (let number = 0; number < ids.size; number++) {
      const known = old.numberOf(ids.nameOf(number));
      row.fill(0);
      if (known !== undefined) checkStatus(warm.engine().rows(side, known, 1, row, factors), 'Copying a vector');
      if (known !== undefined || side === Side.ITEMS) engine.setRows(side, number, 1, row, factors);
      if (number % 256 === 0) await pace.rest();
    }
  }
}
