import { slipBudget } from '../../autocomplete/slips';
import type { BestEntries } from './best-entries';
import { compareCodePoints } from './code-points';
import type { EntryStore } from './entry-store';
import type { EntryFilter } from './filter';
import type { Query } from './query';
import { NO_WAY, SlipRows } from './slip-rows';
import { collectWords } from './words';

/** A word of the memtable and the positions of the entries that have it. */
interface MemoryWord {
  readonly text: string;
  readonly points: Uint32Array;
  readonly entries: number[];
}

type Costs = Map<MemoryWord, number>;

/**
 * The mutable part of the index: what was set last, in a sorted array of words. Small, so that inserting into it and
 * looking through its candidates stays cheap; when it is full, it becomes a segment.
 */
export class Memtable {
  /** Slot by position; -1 once deleted or replaced. */
  readonly slots: number[] = [];
  alive = 0;
  private readonly words: MemoryWord[] = [];
  private readonly wordsOf: MemoryWord[][] = [];
  private readonly starts: string[] = [];
  private readonly rows = new SlipRows();

  constructor(private readonly store: EntryStore) {}

  /** The living entries. */
  living(): Uint32Array {
    return Uint32Array.from(this.slots.filter((slot) => slot >= 0));
  }

  /** Distinct words of all entries that ever came, whether they live or not. */
  wordTexts(): string[] {
    return this.words
      .filter((word) => word.entries.some((position) => (this.slots[position] as number) >= 0))
      .map((word) => word.text);
  }

  /** Adds an entry; returns its position. */
  add(slot: number): number {
    const position = this.slots.length;
    const words: string[] = [];
    const startCount = collectWords(
      this.store.texts[slot] as string,
      this.store.analyses[slot] as string | null,
      words,
    );
    this.starts.push(words.slice(0, startCount).join(' '));
    this.wordsOf.push([...new Set(words)].map((word) => this.record(word, position)));
    this.slots.push(slot);
    this.alive++;
    return position;
  }

  kill(position: number): void {
    this.slots[position] = -1;
    this.alive--;
  }

  /** Offers the entries whose start begins with the words of an alternative. */
  offerStarts(query: Query, alternative: number, filter: EntryFilter | undefined, best: BestEntries): void {
    const typed: string[] = [];
    const end = query.alternatives[alternative + 1] as number;
    for (let word = query.alternatives[alternative] as number; word < end; word++) typed.push(query.textOf(word));
    const beginning = typed.join(' ');
    this.starts.forEach((start, position) => {
      if (start.startsWith(beginning)) this.offer(position, 0, filter, best);
    });
  }

  /** Offers the entries that have every word of an alternative; with `fuzzy`, give or take slips. */
  offerWords(
    query: Query,
    alternative: number,
    filter: EntryFilter | undefined,
    fuzzy: boolean,
    best: BestEntries,
  ): void {
    const candidates: Costs[] = [];
    let smallest: Costs | undefined;
    let smallestSize = Infinity;
    const end = query.alternatives[alternative + 1] as number;
    for (let word = query.alternatives[alternative] as number; word < end; word++) {
      const costs: Costs = new Map();
      if (fuzzy && slipBudget(query.lengthOf(word)) > 0) this.findSlips(query, word, costs);
      else this.findExact(query.textOf(word), query.prefix[word] === 1, costs);
      if (costs.size === 0) return;
      candidates.push(costs);
      let size = 0;
      for (const found of costs.keys()) size += found.entries.length;
      if (size >= smallestSize) continue;
      smallestSize = size;
      smallest = costs;
    }
    for (const found of smallest?.keys() ?? []) {
      for (const position of found.entries) {
        const slip = this.slipOf(position, candidates);
        if (slip >= 0) this.offer(position, slip, filter, best);
      }
    }
  }

  private offer(position: number, slip: number, filter: EntryFilter | undefined, best: BestEntries): void {
    const slot = this.slots[position] as number;
    if (slot >= 0 && (!filter || filter.accepts(slot))) best.offer(slot, slip);
  }

  private slipOf(position: number, candidates: readonly Costs[]): number {
    let sum = 0;
    for (const costs of candidates) {
      let least = Infinity;
      for (const word of this.wordsOf[position] as MemoryWord[]) least = Math.min(least, costs.get(word) ?? Infinity);
      if (least === Infinity) return -1;
      sum += least;
    }
    return sum;
  }

  private findExact(typed: string, prefix: boolean, costs: Costs): void {
    for (let i = this.placeOf(typed); i < this.words.length; i++) {
      const word = this.words[i] as MemoryWord;
      if (prefix ? !word.text.startsWith(typed) : word.text !== typed) return;
      costs.set(word, 0);
    }
  }

  /** Weighs all words in sorted order; a word keeps the rows of what it shares with the word before. */
  private findSlips(query: Query, typedWord: number, costs: Costs): void {
    const typed = query.pointsOf(typedWord);
    const prefix = query.prefix[typedWord] === 1;
    this.rows.begin(typed, slipBudget(typed.length), prefix);
    /** Rows 0..made stand for the first code points of `before`; row `dead` cannot be passed. */
    let made = 0;
    let dead = false;
    /** The least cost over rows 0..i, for prefixes. */
    const least = new Uint8Array(80).fill(NO_WAY);
    least[0] = this.rows.costAt(0);
    let before: Uint32Array = new Uint32Array(0);
    for (const word of this.words) {
      const { points } = word;
      let shared = 0;
      while (shared < made && shared < points.length && points[shared] === before[shared]) shared++;
      if (shared < made) dead = false;
      made = shared;
      while (!dead && made < points.length) {
        dead = this.rows.step(made + 1, points[made] as number) < 0;
        made++;
        least[made] = dead ? (least[made - 1] as number) : Math.min(least[made - 1] as number, this.rows.costAt(made));
      }
      before = points;
      const whole = made === points.length && !dead;
      const cost = prefix ? (least[made] as number) : whole ? this.rows.costAt(made) : NO_WAY;
      if (cost < NO_WAY) costs.set(word, cost);
    }
  }

  /** Where `text` is, or would be, among the words. */
  private placeOf(text: string): number {
    let low = 0;
    let high = this.words.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareCodePoints((this.words[middle] as MemoryWord).text, text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private record(text: string, position: number): MemoryWord {
    const place = this.placeOf(text);
    const known = this.words[place];
    if (known?.text === text) {
      known.entries.push(position);
      return known;
    }
    const points = Uint32Array.from(text, (character) => character.codePointAt(0) as number);
    const word: MemoryWord = { text, points, entries: [position] };
    this.words.splice(place, 0, word);
    return word;
  }
}
