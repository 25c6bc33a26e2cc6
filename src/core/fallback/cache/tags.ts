/** The tags of an entry as the engine hands them over: each followed by a zero character. */
export type TagNames = string | undefined;

interface Tag {
  shares: number;
  /** Entries stamped before this were invalidated. */
  stamp: number;
}

const namesOf = (tags: string): string[] => tags.split('\0').slice(0, -1);

export function tagCount(tags: TagNames): number {
  return tags === undefined ? 0 : namesOf(tags).length;
}

/**
 * The tags that living entries carry, counted, as native/src/cache/tags.hpp does it: an invalidated tag is stamped, and what
 * was tagged before is found dead when it is next met. A tag that no entry carries any more is forgotten.
 */
export class Tags {
  readonly #byName = new Map<string, Tag>();
  #now = 0;

  /** Tags that some entry carries. */
  get size(): number {
    return this.#byName.size;
  }

  /** Counts an entry that is tagged now. Returns its stamp. O(tags). */
  take(tags: TagNames): number {
    if (tags !== undefined) {
      for (const name of namesOf(tags)) {
        const tag = this.#byName.get(name);
        if (tag === undefined) this.#byName.set(name, { shares: 1, stamp: 0 });
        else tag.shares++;
      }
    }
    return this.#now;
  }

  release(tags: TagNames): void {
    if (tags === undefined) return;
    for (const name of namesOf(tags)) {
      const tag = this.#byName.get(name);
      if (tag !== undefined && --tag.shares === 0) this.#byName.delete(name);
    }
  }

  /** O(1): nothing is looked for. */
  invalidate(name: string): void {
    const tag = this.#byName.get(name);
    if (tag !== undefined) tag.stamp = ++this.#now;
  }

  /** Whether one of them was invalidated after `stamp`. */
  invalid(tags: TagNames, stamp: number): boolean {
    if (tags === undefined || this.#now === stamp) return false;
    return namesOf(tags).some((name) => (this.#byName.get(name)?.stamp ?? 0) > stamp);
  }
}
