import type { SearchableProduct } from '../catalogue';

/** How much each kind of word says of a product, beside its rareness. */
const WEIGHTS = { name: 1, brand: 0.8, category: 1, above: 0.5, price: 0.4 } as const;

/** A word of a product with the weight of its kind: of its name, or its brand, category (and those above), and band of price. */
export interface Word {
  readonly text: string;
  readonly weight: number;
}

/** The words of a product, each once. Bands of price are half an octave wide. O(length of the name). */
export function wordsOf({ name, brand, category, price }: SearchableProduct): Word[] {
  const words = new Map<string, number>();
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  for (const [text] of plain.matchAll(/[\p{L}\p{N}]+/gu)) if (text.length > 1) words.set(text, WEIGHTS.name);
  if (brand !== null) words.set(`brand:${brand}`, WEIGHTS.brand);
  if (category !== null) {
    words.set(`category:${category.id}`, WEIGHTS.category);
    for (const id of category.ancestorIds) words.set(`category:${id}`, WEIGHTS.above);
  }
  if (price.amount > 0) words.set(`price:${price.currency}:${Math.round(Math.log2(price.amount) * 2)}`, WEIGHTS.price);
  return Array.from(words, ([text, weight]) => ({ text, weight }));
}

const FIRST_ROOM = 1 << 12;

/**
 * The words of products by row, as vectors of TF-IDF (Salton, Buckley 1988): rare words say most. The rareness is that of the last
 * `weigh`; a word that came since counts as met once. A row that changes leaves its old words behind until all is built anew.
 */
export class WordVectors {
  readonly #numbers = new Map<string, number>();
  #counts = new Uint32Array(FIRST_ROOM);
  #rareness = new Float32Array(0);
  #newRareness = 1;
  #starts = new Uint32Array(FIRST_ROOM);
  #lengths = new Uint8Array(FIRST_ROOM);
  #norms = new Float32Array(FIRST_ROOM);
  #words = new Uint32Array(8 * FIRST_ROOM);
  #weights = new Float32Array(8 * FIRST_ROOM);
  #end = 0;
  #compared = new Float32Array(0);
  readonly #comparedWords: number[] = [];

  /** How many words there are. */
  get size(): number {
    return this.#numbers.size;
  }

  /** Gives a row these words, in place of those that it had. At most 255 count. */
  put(row: number, words: readonly Word[]): void {
    const numbered = words
      .slice(0, 255)
      .map(({ text, weight }) => ({ number: this.#number(text), weight }))
      .sort((a, b) => a.number - b.number);
    if (row >= this.#starts.length) {
      const room = Math.max(row + 1, 2 * this.#starts.length);
      this.#starts = grown(this.#starts, new Uint32Array(room));
      this.#lengths = grown(this.#lengths, new Uint8Array(room));
      this.#norms = grown(this.#norms, new Float32Array(room));
    }
    if (this.#end + numbered.length > this.#words.length) {
      const room = 2 * this.#words.length;
      this.#words = grown(this.#words, new Uint32Array(room));
      this.#weights = grown(this.#weights, new Float32Array(room));
    }
    this.#starts[row] = this.#end;
    this.#lengths[row] = numbered.length;
    for (const { number, weight } of numbered) {
      this.#words[this.#end] = number;
      this.#weights[this.#end++] = weight;
      this.#counts[number] = (this.#counts[number] as number) + 1;
    }
    this.#norms[row] = 0;
  }

  /** Says how rare each word is among `rows` products, from what was put so far. O(words). */
  weigh(rows: number): void {
    this.#newRareness = Math.log(1 + Math.max(1, rows));
    this.#rareness = Float32Array.from({ length: this.size }, (_, i) =>
      Math.log(1 + rows / Math.max(1, this.#counts[i] as number)),
    );
    this.#norms.fill(0);
  }

  /** Calls with each word of a row and its weight. */
  each(row: number, call: (word: number, weight: number) => void): void {
    const [from, to] = this.#rangeOf(row);
    for (let i = from; i < to; i++) call(this.#words[i] as number, this.#weightAt(i));
  }

  /** Makes this row the one that `likenessTo` compares with. */
  compareWith(row: number): void {
    for (const word of this.#comparedWords) this.#compared[word] = 0;
    if (this.#compared.length < this.size) this.#compared = new Float32Array(2 * this.size);
    const norm = this.normOf(row);
    this.#comparedWords.length = 0;
    this.each(row, (word, weight) => {
      this.#compared[word] = (weight / norm) * (this.#rareness[word] ?? this.#newRareness);
      this.#comparedWords.push(word);
    });
  }

  /** The cosine of a row and the one of `compareWith`, as `cosine` gives it but for rounding: for many in a row. O(words). */
  likenessTo(row: number): number {
    const norm = this.normOf(row);
    if (norm === 0) return 0;
    const [from, to] = this.#rangeOf(row);
    let sum = 0;
    for (let i = from; i < to; i++)
      sum += (this.#weights[i] as number) * (this.#compared[this.#words[i] as number] as number);
    return Math.min(1, sum / norm);
  }

  /** The cosine of two rows' vectors, 0 to 1. O(words of both). */
  cosine(a: number, b: number): number {
    const norms = this.normOf(a) * this.normOf(b);
    if (norms === 0) return 0;
    const [iStart, iEnd] = this.#rangeOf(a);
    const [jStart, jEnd] = this.#rangeOf(b);
    let [i, j] = [iStart, jStart];
    let sum = 0;
    while (i < iEnd && j < jEnd) {
      const [left, right] = [this.#words[i] as number, this.#words[j] as number];
      if (left === right) sum += this.#weightAt(i++) * this.#weightAt(j++);
      else if (left < right) i++;
      else j++;
    }
    return Math.min(1, sum / norms);
  }

  #number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      if (number >= this.#counts.length) this.#counts = grown(this.#counts, new Uint32Array(2 * this.#counts.length));
    }
    return number;
  }

  #rangeOf(row: number): [number, number] {
    const from = this.#starts[row] ?? 0;
    return [from, from + (this.#lengths[row] ?? 0)];
  }

  #weightAt(place: number): number {
    return (this.#weights[place] as number) * (this.#rareness[this.#words[place] as number] ?? this.#newRareness);
  }

  /** The length of a row's vector. Computed when it is first asked for. */
  normOf(row: number): number {
    const known = this.#norms[row] ?? 0;
    if (known > 0) return known;
    const [from, to] = this.#rangeOf(row);
    let sum = 0;
    for (let i = from; i < to; i++) sum += this.#weightAt(i) ** 2;
    const norm = Math.sqrt(sum);
    this.#norms[row] = norm;
    return norm;
  }
}

function grown<T extends Uint32Array | Uint8Array | Float32Array>(old: T, room: T): T {
  room.set(old);
  return room;
}
