const UNITS = 65_535;

/** Lengths of the vectors of a window, by place: their squares; and in units, rounded down, of rows that did not change. */
export class WindowLengths {
  squares = new Float64Array(0);
  lengths = new Uint16Array(0);
  unit = 0;

  /** The greatest length, or a little more. */
  get longest(): number {
    return this.unit * UNITS;
  }

  resize(places: number): void {
    if (places <= this.squares.length) return;
    const [squares, lengths] = [new Float64Array(places), new Uint16Array(places)];
    squares.set(this.squares);
    lengths.set(this.lengths);
    [this.squares, this.lengths] = [squares, lengths];
  }

  shorten(): void {
    const { squares, lengths } = this;
    let most = 0;
    for (const square of squares) if (square > most) most = square;
    // A little more, so that rounding takes nothing above UNITS.
    this.unit = (Math.sqrt(most) * (1 + 1e-9)) / UNITS;
    const perUnit = this.unit > 0 ? (1 - 1e-9) / this.unit : 0;
    for (let place = 0; place < squares.length; place++) lengths[place] = Math.sqrt(squares[place] as number) * perUnit;
  }

  bytes(): number {
    return 10 * this.squares.length;
  }
}
