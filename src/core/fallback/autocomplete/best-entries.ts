import type { EntryStore } from './entry-store';

/** The best entries found over all parts of the index: slip ascending, then the store's order. */
export class BestEntries {
  count = 0;
  private limit = 0;

  constructor(
    private readonly store: EntryStore,
    readonly slots: Uint32Array,
    readonly slips: Uint32Array,
  ) {}

  reset(limit: number): void {
    this.count = 0;
    this.limit = Math.min(limit, this.slots.length);
  }

  /** Takes an entry if it is among the best; one already in keeps its least slip. False when it is not good enough. */
  offer(slot: number, slip: number): boolean {
    if (this.count === this.limit && this.comparesAt(this.count - 1, slot, slip) <= 0) return false;
    for (let i = 0; i < this.count; i++) {
      if (this.slots[i] !== slot) continue;
      if ((this.slips[i] as number) <= slip) return true;
      this.slots.copyWithin(i, i + 1, this.count);
      this.slips.copyWithin(i, i + 1, this.count);
      this.count--;
      break;
    }
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.comparesAt(middle, slot, slip) <= 0) low = middle + 1;
      else high = middle;
    }
    if (this.count < this.limit) this.count++;
    this.slots.copyWithin(low + 1, low, this.count - 1);
    this.slips.copyWithin(low + 1, low, this.count - 1);
    this.slots[low] = slot;
    this.slips[low] = slip;
    return true;
  }

  private comparesAt(index: number, slot: number, slip: number): number {
    const difference = (this.slips[index] as number) - slip;
    return difference !== 0 ? difference : this.store.compare(this.slots[index] as number, slot);
  }
}
