import { setMaxListeners } from 'node:events';

/** The call was not made: as many as may run are running, and as many as may wait are waiting. */
export class BulkheadFull extends Error {
  override readonly name = 'BulkheadFull';

  constructor(limit: number) {
    super(`${limit} calls are running and no more may wait`);
  }
}

export interface BulkheadOptions {
  /** Calls that may run at once. */
  readonly limit: number;
  /** Calls that may wait for a place. Default 0. */
  readonly queue?: number;
}

/** Keeps one slow dependency from taking all of the process with it: so many calls at once, the next wait, the rest is refused. */
export class Bulkhead {
  readonly #limit: number;
  readonly #queue: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ limit, queue = 0 }: BulkheadOptions) {
    this.#limit = limit;
    this.#queue = queue;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Makes the call when there is a place. Throws BulkheadFull, the signal's reason when it aborts first, or what the call throws. */
  async run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#running < this.#limit) this.#running++;
    else await this.#place(signal);
    try {
      return await call();
    } finally {
      // The place is handed on, so that nobody who comes now can take it from who has waited.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  async #place(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#queue) throw new BulkheadFull(this.#limit);
    // Many may wait with one signal, and each lets go of it: the warning of a leak at more than ten would be wrong.
    if (signal) setMaxListeners(0, signal);
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal?.reason as Error);
      };
      this.#waiting.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
