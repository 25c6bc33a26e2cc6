import type { Stored } from '../../cache/engine';

/** An entry, in the queue it stands in. */
export interface Entry {
  readonly key: string;
  readonly kind: number;
  stored: Stored;
  readonly charge: number;
  /** The tick at which it is stale; undefined for never. */
  readonly expiry: number | undefined;
  /** Each followed by U+0000. */
  readonly tags: string | undefined;
  readonly stamp: number;
  version: number;
  frequency: number;
  main: boolean;
  newer: Entry | undefined;
  older: Entry | undefined;
}

/** A doubly linked list with its sums. */
export class Queue {
  count = 0;
  charge = 0;
  oldest: Entry | undefined;
  newest: Entry | undefined;

  push(entry: Entry): void {
    entry.older = this.newest;
    entry.newer = undefined;
    if (this.newest === undefined) this.oldest = entry;
    else this.newest.newer = entry;
    this.newest = entry;
    this.count++;
    this.charge += entry.charge;
  }

  remove(entry: Entry): void {
    if (entry.newer === undefined) this.newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.oldest = entry.newer;
    else entry.older.newer = entry.newer;
    this.count--;
    this.charge -= entry.charge;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let entry = this.oldest; entry !== undefined; entry = entry.newer) yield entry;
  }
}
