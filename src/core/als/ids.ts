/** Ids and their numbers, in the order in which they came. */
export class Ids {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#names.length;
  }

  /** The number of an id, a new one if it is new. */
  add(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#numbers.set(id, number);
    this.#names.push(id);
    return number;
  }

  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  nameOf(number: number): string {
    return this.#names[number] as string;
  }

  get names(): readonly string[] {
    return this.#names;
  }
}
