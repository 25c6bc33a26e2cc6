import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 2;

/** Cuts long work into slices of two milliseconds, between which the event loop turns: `if (slices.over()) await slices.next()`. */
export class Slices {
  #end = performance.now() + SLICE_MS;

  constructor(private readonly signal?: AbortSignal) {}

  /** Whether it is time to let others run: to be asked a few times a millisecond. */
  over(): boolean {
    return performance.now() > this.#end;
  }

  /** Lets the event loop turn. Rejects with the signal's reason when it aborts. */
  async next(): Promise<void> {
    await nextTurn();
    this.signal?.throwIfAborted();
    this.#end = performance.now() + SLICE_MS;
  }
}
