import type { StoredIds } from './stored-ids';

/** Ids and their numbers, in the order in which they came: first those of a file, if there is one, then those that were added. */
export class Ids {
  readonly #stored: StoredIds | undefined;
  readonly #names: string[] = [];
  /** Of added ids, and of stored ones that somebody asked for. */
  readonly #numbers = new Map<string, number>();

  constructor(stored?: StoredIds) {
    this.#stored = stored;
  }

  get size(): number {
    return (this.#stored?.size ?? 0) + this.#names.length;
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
    const known = this.#numbers.get(id);
    if (known !== undefined || this.#stored === undefined) return known;
    const number = this.#stored.numberOf(id);
    if (number !== undefined) this.#numbers.set(id, number);
    return number;
  }

  /** All ids by number. */
  names(): string[] {
    return Array.from({ length: this.size }, (_, number) => this.nameOf(number));
  }

  nameOf(number: number): string {
    const stored = this.#stored;
    if (stored === undefined) return this.#names[number] as string;
    return number < stored.size ? stored.nameOf(number) : (this.#names[number - stored.size] as string);
  }
}
