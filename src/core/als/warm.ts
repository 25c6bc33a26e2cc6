import { runJob, throwIfAborted } from '../jobs/run-job';
import { type AlsEngine, Side } from './engine';
import { Ids } from './ids';
import { nextTurn } from './reading';
import { checkStatus, engineError } from './status';
import type { AlsParameters } from './types';

/** The model that a warm start goes on from. */
export interface WarmSource {
  readonly users: Ids;
  readonly items: Ids;
  readonly parameters: Required<AlsParameters>;
  /** Throws ERR_EASY11_CLOSED when it has been closed meanwhile. */
  engine(): AlsEngine;
  /** Keeps updates of the model waiting while this works. */
  read<T>(work: () => Promise<T>): Promise<T>;
}

/** What was taken over: ids, which go on with what comes later, and how many interactions. */
export interface Adopted {
  readonly users: Ids;
  readonly items: Ids;
  readonly entries: number;
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
 * Takes over what a model has learnt from, with its vectors, under the numbers that it has there: ids that come later are numbered
 * behind them. Updates of the model wait until that is done. Rejects with ERR_EASY11_CLOSED when it is closed meanwhile.
 */
export function adopt(warm: WarmSource, engine: AlsEngine, signal: AbortSignal | undefined): Promise<Adopted> {
  return warm.read(async () => {
    const pace = new Pace(signal);
    const rest = (): Promise<void> => pace.rest();
    const [users, items] = [await warm.users.goOn(rest), await warm.items.goOn(rest)];
    await runJob(
      () => engine.adopt(warm.engine(), users.size, items.size),
      signal ? { signal } : {},
      () => undefined,
      (status) => Promise.resolve(engineError(status, 'Taking over a model')),
    );
    return { users, items, entries: warm.engine().stats().entries };
  });
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
