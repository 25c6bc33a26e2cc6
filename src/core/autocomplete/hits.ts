import { ALL_CHANGED, type AutocompleteEngine } from './engine';
import { type Highlightable, highlightable } from './highlight';
import { LIMITS } from './validate';

/** Power of two. The hits of a shop's usual keystrokes are few: with 4,096 kept, most need no call to the engine. */
const KEPT = 4_096;
/** So many unknown results are asked for one by one; all at once costs more for them. */
const FEW = 3;
/** Longer texts are made ready for highlighting each time rather than kept so. */
const LONGEST_KEPT = 1_000;

/** What hits need to know of an entry. */
export interface KnownEntry {
  readonly slot: number;
  readonly id: string;
  readonly text: string;
  readonly weight: number;
  target: Highlightable | undefined;
}

/** The id alone, until somebody asks for the rest: each of them is a call to the engine. */
interface Named {
  readonly slot: number;
  readonly id: string;
  readonly text: undefined;
}

/** Remembers the strings of entries that were lately found: making them anew is most of what a typed result costs. */
export class KnownEntries {
  readonly #engine: AutocompleteEngine;
  /** Places among the results, of those that are not known. */
  readonly #unknown = new Uint32Array(LIMITS.RESULTS);
  readonly #known: (KnownEntry | Named | undefined)[] = new Array<KnownEntry | Named | undefined>(KEPT).fill(undefined);

  constructor(engine: AutocompleteEngine) {
    this.#engine = engine;
  }

  /** The entries of the first `count` slots, which are the results of the last search. */
  entries(slots: Uint32Array, count: number): KnownEntry[] {
    const entries = new Array<KnownEntry>(count);
    const unknown = this.#unknown;
    let unknownCount = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const known = this.#known[slot & (KEPT - 1)];
      if (known !== undefined && known.slot === slot && known.text !== undefined) entries[i] = known;
      else unknown[unknownCount++] = i;
    }
    const told = unknownCount > FEW ? this.#engine.entriesOf(count, collect<string | number>) : undefined;
    for (let u = 0; u < unknownCount; u++) {
      const i = unknown[u] as number;
      const slot = slots[i] as number;
      const entry: KnownEntry = {
        slot,
        id: told === undefined ? this.#engine.idAt(i) : (told[3 * i] as string),
        text: told === undefined ? this.#engine.textAt(i) : (told[3 * i + 1] as string),
        weight: told === undefined ? this.#engine.weightAt(i) : (told[3 * i + 2] as number),
        target: undefined,
      };
      this.#known[slot & (KEPT - 1)] = entry;
      entries[i] = entry;
    }
    return entries;
  }

  /** Their ids alone. */
  ids(slots: Uint32Array, count: number): string[] {
    const ids = new Array<string>(count);
    const unknown = this.#unknown;
    let unknownCount = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const known = this.#known[slot & (KEPT - 1)];
      if (known !== undefined && known.slot === slot) ids[i] = known.id;
      else unknown[unknownCount++] = i;
    }
    const told = unknownCount > FEW ? this.#engine.idsOf(count, collect<string>) : undefined;
    for (let u = 0; u < unknownCount; u++) {
      const i = unknown[u] as number;
      const slot = slots[i] as number;
      const id = told === undefined ? this.#engine.idAt(i) : (told[i] as string);
      this.#known[slot & (KEPT - 1)] = { slot, id, text: undefined };
      ids[i] = id;
    }
    return ids;
  }

  highlightable(entry: KnownEntry): Highlightable {
    if (entry.target !== undefined) return entry.target;
    const target = highlightable(entry.text);
    if (entry.text.length <= LONGEST_KEPT) entry.target = target;
    return target;
  }

  /** Forgets what the engine says has changed: to be called after each search, before `entries` or `ids`. */
  heed(changes: Uint32Array): void {
    const count = changes[0] as number;
    if (count === ALL_CHANGED) this.#known.fill(undefined);
    else for (let i = 1; i <= count; i++) this.#known[(changes[i] as number) & (KEPT - 1)] = undefined;
    changes[0] = 0;
  }
}

function collect<T>(...all: T[]): T[] {
  return all;
}
