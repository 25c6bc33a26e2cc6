/**
 * Entries share few distinct sets of categories, so an entry keeps the number of its set and a filter decides per set.
 * Sets are never forgotten: a number always means the same set.
 */
export class CategorySets {
  private readonly numbers = new Map<string, number>();
  private readonly joined: string[] = [];
  private readonly byCategory = new Map<string, number[]>();

  /** How many distinct sets there are; grows only. */
  get count(): number {
    return this.joined.length;
  }

  /** The number of a set, given as its categories joined by U+0001. */
  numberOf(joined: string): number {
    const known = this.numbers.get(joined);
    if (known !== undefined) return known;
    const number = this.joined.length;
    this.numbers.set(joined, number);
    this.joined.push(joined);
    for (const category of new Set(joined === '' ? [] : joined.split('\u0001'))) {
      const sets = this.byCategory.get(category);
      if (sets) sets.push(number);
      else this.byCategory.set(category, [number]);
    }
    return number;
  }

  joinedOf(number: number): string {
    return this.joined[number] ?? '';
  }

  /** The sets that hold a category. */
  setsWith(category: string): readonly number[] {
    return this.byCategory.get(category) ?? [];
  }
}
