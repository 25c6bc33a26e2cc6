/** The best `limit` of what is offered: larger scores, then smaller numbers. */
export class Best {
  readonly items: number[] = [];
  readonly scores: number[] = [];

  constructor(private readonly limit: number) {}

  get full(): boolean {
    return this.items.length >= this.limit;
  }

  /** What a score must reach to get in. */
  get bar(): number {
    return this.scores[this.scores.length - 1] as number;
  }

  offer(item: number, score: number): void {
    const { items, scores } = this;
    if (this.full) {
      const last = items.length - 1;
      if (score < (scores[last] as number) || (score === scores[last] && item > (items[last] as number))) return;
      items.pop();
      scores.pop();
    }
    let at = items.length;
    while (
      at > 0 &&
      (score > (scores[at - 1] as number) || (score === scores[at - 1] && item < (items[at - 1] as number)))
    )
      at--;
    items.splice(at, 0, item);
    scores.splice(at, 0, score);
  }

  write(items: Uint32Array, scores: Float32Array, from: number): void {
    this.items.forEach((item, i) => {
      items[from + i] = item;
      scores[from + i] = this.scores[i] as number;
    });
  }
}
