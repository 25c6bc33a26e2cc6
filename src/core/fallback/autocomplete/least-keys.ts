/** The least distinct keys offered, ascending: at most `limit` of them. Keys are ranks, or slip × 2^32 + rank. */
export class LeastKeys {
  keys: Float64Array;
  count = 0;
  private limit: number;

  constructor(limit: number) {
    this.limit = limit;
    this.keys = new Float64Array(limit);
  }

  reset(limit: number): void {
    this.count = 0;
    this.limit = limit;
    if (this.keys.length < limit) this.keys = new Float64Array(limit);
  }

  get full(): boolean {
    return this.count === this.limit;
  }

  /** How many are wanted. */
  get wanted(): number {
    return this.limit;
  }

  /** The key that a new one must be below, once there are enough. */
  get worst(): number {
    return this.count === this.limit ? (this.keys[this.count - 1] as number) : Infinity;
  }

  /** Takes a key if it is among the least. False when no key from this one on could be: a sorted list may stop. */
  offer(key: number): boolean {
    const keys = this.keys;
    let count = this.count;
    if (count === 0 || key > (keys[count - 1] as number)) {
      if (count === this.limit) return false;
      keys[count] = key;
      this.count = count + 1;
      return true;
    }
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    if (keys[low] === key) return true;
    if (count < this.limit) this.count = ++count;
    keys.copyWithin(low + 1, low, count - 1);
    keys[low] = key;
    return true;
  }

  /** Like `offer` of slip × 2^32 + rank, but a rank that is in already stays once, with its least slip. */
  offerSlip(slip: number, rank: number): boolean {
    const key = slip * 0x100000000 + rank;
    if (this.count === this.limit && key > (this.keys[this.count - 1] as number)) return false;
    for (let i = 0; i < this.count; i++) {
      const present = this.keys[i] as number;
      if (present % 0x100000000 !== rank) continue;
      if (present <= key) return true;
      this.keys.copyWithin(i, i + 1, this.count--);
      break;
    }
    return this.offer(key);
  }
}
