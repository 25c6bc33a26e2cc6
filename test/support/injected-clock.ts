/** A monotonic clock that stands still until it is told to go on. Milliseconds. */
export class InjectedClock {
  #now = 1_000;
  readonly now = (): number => this.#now;

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
