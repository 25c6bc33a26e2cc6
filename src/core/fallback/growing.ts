/** A Uint32Array that grows by doubling. */
export class GrowingUint32 {
  values: Uint32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.values = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(this.length + 1);
    this.values[this.length++] = value;
  }

  reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const grown = new Uint32Array(Math.max(capacity, this.values.length * 2));
    grown.set(this.values);
    this.values = grown;
  }

  /** A copy of exactly what was pushed, so that no slack is kept. */
  trimmed(): Uint32Array {
    return this.values.slice(0, this.length);
  }
}
