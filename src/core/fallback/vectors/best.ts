/** The best of what is offered: greatest score first, ties by id. A heap whose first is the last of the best. */
export class Best {
  readonly scores = new Float64Array(1_024);
  readonly ids = new Uint32Array(1_024);
  size = 0;
  #limit = 0;

  begin(limit: number): void {
    this.#limit = limit;
    this.size = 0;
  }

  get isFull(): boolean {
    return this.size === this.#limit;
  }

  /** The score of the last of the best, which there is. */
  get least(): number {
    return this.scores[0] as number;
  }

  /** Whether it came among the best. O(log limit). */
  offer(score: number, id: number): boolean {
    if (!this.isFull) {
      let at = this.size++;
      for (; at > 0; at = (at - 1) >> 1) {
        const parent = (at - 1) >> 1;
        if (!this.#isBehind(score, id, parent)) break;
        this.#move(parent, at);
      }
      this.#set(at, score, id);
      return true;
    }
    if (this.#isBehind(score, id, 0)) return false;
    this.#sink(score, id);
    return true;
  }

  /** Puts the best in order, into the arrays; empties the heap. */
  takeOut(ids: Uint32Array, scores: Float64Array): number {
    const found = this.size;
    for (let i = found - 1; i >= 0; i--) {
      ids[i] = this.ids[0] as number;
      scores[i] = this.scores[0] as number;
      this.size--;
      this.#sink(this.scores[this.size] as number, this.ids[this.size] as number);
    }
    return found;
  }

  #sink(score: number, id: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (
        child + 1 < this.size &&
        this.#isBehind(this.scores[child + 1] as number, this.ids[child + 1] as number, child)
      )
        child++;
      if (this.#isBehind(score, id, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#set(at, score, id);
  }

  /** Whether this comes after what is at a place. */
  #isBehind(score: number, id: number, at: number): boolean {
    const other = this.scores[at] as number;
    return score < other || (score === other && id > (this.ids[at] as number));
  }

  #move(from: number, to: number): void {
    this.#set(to, this.scores[from] as number, this.ids[from] as number);
  }

  #set(at: number, score: number, id: number): void {
    this.scores[at] = score;
    this.ids[at] = id;
  }
}
