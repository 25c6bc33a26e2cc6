const WINDOW_MS = 60_000;
const MOST_VISITORS = 200_000;

/**
 * Who is faster than a person: more than `perMinute` events of one visitor in a minute. Counts in this process alone, in windows
 * of a minute; after 200,000 visitors it begins anew, so that made-up visitors cannot fill the memory. O(1) an event.
 */
export class VisitorRate {
  readonly #counts = new Map<string, number>();
  #window = Number.NaN;

  constructor(private readonly perMinute: number) {}

  /** Counts an event; false when it is one too many. */
  admit(visitorId: string, now: number): boolean {
    const window = Math.floor(now / WINDOW_MS);
    const count = (this.#counts.get(visitorId) ?? 0) + 1;
    if (window !== this.#window || (count === 1 && this.#counts.size >= MOST_VISITORS)) {
      this.#window = window;
      this.#counts.clear();
      this.#counts.set(visitorId, 1);
      return this.perMinute >= 1;
    }
    this.#counts.set(visitorId, count);
    return count <= this.perMinute;
  }
}
