/** Wakes whoever waits for news of an order in this process. A convenience: whoever misses a call looks again by itself. */
export class OrderWatch {
  readonly #listeners = new Map<string, Set<() => void>>();
  #closed = false;

  /** Something may have happened to an order. */
  ring(orderId: string): void {
    for (const listener of this.#listeners.get(orderId) ?? []) listener();
  }

  /** Resolves at the next ring for the order, after `ms`, or when the signal aborts or the watch closes. */
  next(orderId: string, ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#closed || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const listeners = this.#listeners.get(orderId) ?? new Set();
      const done = (): void => {
        clearTimeout(timer);
        listeners.delete(done);
        if (listeners.size === 0) this.#listeners.delete(orderId);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      this.#listeners.set(orderId, listeners.add(done));
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Ends all waiting, now and later: so that streams do not hold up a shutdown. */
  close(): void {
    this.#closed = true;
    for (const orderId of [...this.#listeners.keys()]) this.ring(orderId);
  }
}
