import type { ProductTable } from '../product-table';
import { Slices } from '../slices';

const ROWS_AT_ONCE = 256;

/**
 * Which rows have a word: an inverted index of the active products. Rows that came since, or have other words, are in lists beside
 * it; words that a row has no more stay until all is built anew, so that whoever asks looks at the row itself.
 */
export class Postings {
  readonly #late = new Map<number, number[]>();

  private constructor(
    private readonly starts: Uint32Array,
    private readonly rows: Uint32Array,
  ) {}

  /** O(words of all products), in slices of the event loop. Rejects with the signal's reason when it aborts. */
  static async build(table: ProductTable, signal: AbortSignal): Promise<Postings> {
    const { size, words } = table;
    const starts = new Uint32Array(words.size + 1);
    await eachActive(table, size, signal, (row) =>
      words.each(row, (word) => {
        if (word + 1 < starts.length) starts[word + 1] = (starts[word + 1] as number) + 1;
      }),
    );
    for (let word = 1; word < starts.length; word++)
      starts[word] = (starts[word] as number) + (starts[word - 1] as number);
    const ends = starts.slice();
    const rows = new Uint32Array(starts[starts.length - 1] as number);
    const index = new Postings(starts, rows);
    await eachActive(table, size, signal, (row) =>
      words.each(row, (word) => {
        const at = ends[word] as number;
        // Reworded between the two passes: there is room for what was counted.
        if (word + 1 >= starts.length || at >= (starts[word + 1] as number)) return index.add(word, row);
        rows[at] = row;
        ends[word] = at + 1;
      }),
    );
    return index;
  }

  /** A row has this word now. */
  add(word: number, row: number): void {
    const rows = this.#late.get(word);
    if (rows) rows.push(row);
    else this.#late.set(word, [row]);
  }

  /** How many rows are listed for a word. */
  count(word: number): number {
    const [from, to] = this.#rangeOf(word);
    return to - from + (this.#late.get(word)?.length ?? 0);
  }

  /** The rows of a word, ascending, in two lists: those of the build and those that came since. */
  of(word: number): readonly Uint32Array[] {
    const built = this.rows.subarray(...this.#rangeOf(word));
    const late = this.#late.get(word);
    return late ? [Uint32Array.from(late).sort(), built] : [built];
  }

  /** Words that came after the build have no part in it. */
  #rangeOf(word: number): [number, number] {
    const to = this.starts[word + 1];
    return to === undefined ? [0, 0] : [this.starts[word] as number, to];
  }
}

async function eachActive(
  table: ProductTable,
  size: number,
  signal: AbortSignal,
  call: (row: number) => void,
): Promise<void> {
  const slices = new Slices(signal);
  for (let row = 0; row < size; row++) {
    if (row % ROWS_AT_ONCE === 0 && slices.over()) await slices.next();
    if (table.isActive(row)) call(row);
  }
}
