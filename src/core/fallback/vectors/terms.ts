/** What is known of each term: the square of its factor, how many rows have it, and the greatest weight that one had. */
export class Terms {
  /** Squares of factors, which is how they come into products of two weights: those that count, and those to come. */
  factors = new Float64Array(0);
  nextFactors = new Float64Array(0);
  greatest = new Float32Array(0);
  nextGreatest = new Float32Array(0);
  counts = new Uint32Array(0);
  /** Zeros, for whoever counts and puts zeros back. */
  counters = new Uint32Array(0);
  /** Terms that some row has. */
  used = 0;
  /** Of the lengths of rows that are listed, about: for the units of sums. */
  longest = 0;

  get size(): number {
    return this.counts.length;
  }

  reserve(size: number): void {
    if (size <= this.size) return;
    const room = Math.max(size, Math.ceil(1.5 * this.size));
    const ones = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const more = new Float64Array(room).fill(1, old.length);
      more.set(old);
      return more;
    };
    const floats = (old: Float32Array): Float32Array<ArrayBuffer> => {
      const more = new Float32Array(room);
      more.set(old);
      return more;
    };
    const counts = new Uint32Array(room);
    counts.set(this.counts);
    [this.factors, this.nextFactors] = [ones(this.factors), ones(this.nextFactors)];
    [this.greatest, this.nextGreatest] = [floats(this.greatest), floats(this.nextGreatest)];
    [this.counts, this.counters] = [counts, new Uint32Array(room)];
  }

  add(term: number, weight: number): void {
    const count = this.counts[term] as number;
    if (count === 0) this.used++;
    this.counts[term] = count + 1;
    if (weight > (this.greatest[term] as number)) this.greatest[term] = weight;
    if (weight > (this.nextGreatest[term] as number)) this.nextGreatest[term] = weight;
  }

  remove(term: number): void {
    const count = (this.counts[term] as number) - 1;
    this.counts[term] = count;
    if (count === 0) this.used--;
  }

  bytes(): number {
    return this.size * (8 + 8 + 4 + 4 + 4 + 4);
  }
}
