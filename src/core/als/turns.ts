/** Any number of readings at a time, or one update; updates wait for readings that run, and come in the order of their calls. */
export class Turns {
  #readings = new Set<Promise<unknown>>();
  #lastUpdate: Promise<unknown> = Promise.resolve();
  #updates = 0;

  async read<T>(work: () => Promise<T>): Promise<T> {
    while (this.#updates > 0) await this.#lastUpdate;
    const reading = work();
    const settled = reading.catch(() => undefined);
    this.#readings.add(settled);
    try {
      return await reading;
    } finally {
      this.#readings.delete(settled);
    }
  }

  update<T>(work: () => T): Promise<T> {
    this.#updates++;
    const before = this.#lastUpdate;
    const done = (async () => {
      await before;
      await Promise.all(this.#readings);
      return work();
    })();
    this.#lastUpdate = done
      .catch(() => undefined)
      .finally(() => {
        this.#updates--;
      });
    return done;
  }
}
