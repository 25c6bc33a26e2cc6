import { Outcome, type OnLanded, type Stored } from '../../cache/engine';

interface Flight {
  readonly key: string;
  readonly leader: OnLanded;
  readonly waiting: OnLanded[];
}

/** Loading a missing key once for all handles of a cache: the first who asks leads, the others wait for how it lands. */
export class Flights {
  readonly #byKey = new Map<string, number>();
  readonly #flights = new Map<number, Flight>();
  #last = 0;

  join(key: string, who: OnLanded, present: () => boolean): number {
    const number = this.#byKey.get(key);
    if (number !== undefined) {
      this.#flights.get(number)?.waiting.push(who);
      return -number;
    }
    if (present()) return 0;
    this.#flights.set(++this.#last, { key, leader: who, waiting: [] });
    this.#byKey.set(key, this.#last);
    return this.#last;
  }

  land(number: number, outcome: number, kind: number, value: Stored | undefined): void {
    const flight = this.#flights.get(number);
    if (flight === undefined) return;
    this.#flights.delete(number);
    this.#byKey.delete(flight.key);
    for (const onLanded of flight.waiting) queueMicrotask(() => onLanded(number, outcome, kind, value));
  }

  /** Abandons what `who` leads and forgets what it waits for. */
  leave(who: OnLanded): void {
    for (const [number, flight] of [...this.#flights]) {
      for (let i = flight.waiting.length; i-- > 0;) if (flight.waiting[i] === who) flight.waiting.splice(i, 1);
      if (flight.leader === who) this.land(number, Outcome.ABANDONED, 0, undefined);
    }
  }
}
