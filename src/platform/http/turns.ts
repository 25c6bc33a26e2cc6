/** How long requests that can wait may have the event loop at a time, in milliseconds. */
const SLICE_MS = 5;

interface Waiting {
  readonly since: number;
  readonly run: () => void;
}

/**
 * Lets requests that can wait have the event loop in slices of a few milliseconds, in the order in which they came. Between two
 * slices the loop hears of everything else: a checkout goes through it several times (the request, then each answer of the
 * database), and would otherwise wait each time for every search that came in meanwhile. O(1) a request.
 */
export class Turns {
  readonly #now: () => number;
  #queue: Waiting[] = [];
  #first = 0;
  #began = 0;
  #scheduled = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Runs it at once where this turn of the loop has time left for it, else in one of the next. It must not throw. */
  take(run: () => void): void {
    const now = this.#now();
    if (!this.#scheduled) {
      this.#began = now;
      this.#schedule();
    }
    if (this.waiting === 0 && now - this.#began < SLICE_MS) run();
    else this.#queue.push({ since: now, run });
  }

  get waiting(): number {
    return this.#queue.length - this.#first;
  }

  /** How long the one that waits longest has waited: 0 where nobody does. Milliseconds. */
  get longestMs(): number {
    const next = this.#queue[this.#first];
    return next ? this.#now() - next.since : 0;
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#began = this.#now();
    this.#scheduled = false;
    for (let next = this.#queue[this.#first]; next; next = this.#queue[this.#first]) {
      this.#first++;
      next.run();
      if (this.#now() - this.#began >= SLICE_MS) break;
    }
    if (this.waiting === 0) [this.#queue, this.#first] = [[], 0];
    else this.#schedule();
    // What has been taken out is let go of, now and then: to shift an array each time would cost its length.
    if (this.#first > 1_000) [this.#queue, this.#first] = [this.#queue.slice(this.#first), 0];
  }
}
