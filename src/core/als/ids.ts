/** Ids that do not change: those of a file, or the first ones of others. */
export interface FixedIds {
  readonly size: number;
  numberOf(id: string): number | undefined;
  nameOf(number: number): string;
}

/** Ids that go on from ids that went on from … are looked up in one after the other: so many at most, then they are copied. */
const DEPTH = 4;

/** Ids and their numbers, in the order in which they came: first those that it began with, if there are any, then those that were added. */
export class Ids {
  readonly #before: FixedIds | undefined;
  readonly #depth: number;
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(before?: FixedIds, depth = 0) {
    this.#before = before;
    this.#depth = depth;
  }

  get size(): number {
    return (this.#before?.size ?? 0) + this.#names.length;
  }

  /** The number of an id, a new one if it is new. */
  add(id: string): number {
    const known = this.numberOf(id);
    if (known !== undefined) return known;
    const number = this.size;
    this.#numbers.set(id, number);
    this.#names.push(id);
    return number;
  }

  numberOf(id: string): number | undefined {
    return this.#numbers.get(id) ?? this.#before?.numberOf(id);
  }

  /** All ids by number. */
  names(): string[] {
    return Array.from({ length: this.size }, (_, number) => this.nameOf(number));
  }

  nameOf(number: number): string {
    const before = this.#before;
    if (before === undefined) return this.#names[number] as string;
    return number < before.size ? before.nameOf(number) : (this.#names[number - before.size] as string);
  }

  /**
   * Ids that go on from these as they are now: neither sees what is added to the other. They share memory, but for now and then,
   * when all are copied; `rest` is awaited every few hundred then. O(1), or O(size).
   */
  async goOn(rest: () => Promise<void>): Promise<Ids> {
    const { size } = this;
    if (this.#depth < DEPTH) return new Ids(firstOf(this, size), this.#depth + 1);
    const copy = new Ids();
    for (let number = 0; number < size; number++) {
      copy.add(this.nameOf(number));
      if (number % 256 === 0) await rest();
    }
    return copy;
  }
}

const firstOf = (ids: Ids, size: number): FixedIds => ({
  size,
  nameOf: (number) => ids.nameOf(number),
  numberOf: (id) => {
    const number = ids.numberOf(id);
    return number !== undefined && number < size ? number : undefined;
  },
});
