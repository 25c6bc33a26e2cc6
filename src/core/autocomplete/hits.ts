import { ALL_CHANGED, type AutocompleteEngine } from './engine';
import { type Highlightable, highlightable } from './highlight';

/** Power of two. The hits of a shop's usual keystrokes are few: with 4,096 kept, most need no call to the engine. */
const KEPT = 4_096;
/** Longer texts are made ready for highlighting each time rather than kept so. */
const LONGEST_KEPT = 1_000;

/** What hits need to know of an entry. */
interface KnownEntry {
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
  readonly #known: (KnownEntry | Named | undefined)[] = new Array<KnownEntry | Named | undefined>(KEPT).fill(undefined);

  constructor(engine: AutocompleteEngine) {
    this.#engine = engine;
  }

  /** The entry of a slot that is the i-th result of the last search. */
  at(slot: number, i: number): KnownEntry {
    const place = slot & (KEPT - 1);
    const known = this.#known[place];
    const same = known !== undefined && known.slot === slot;
    if (same && known.text !== undefined) return known;
    const engine = this.#engine;
    const entry: KnownEntry = {
      slot,
      id: same ? known.id : engine.idAt(i),
      text: engine.textAt(i),
      weight: engine.weightAt(i),
      target: undefined,
    };
    this.#known[place] = entry;
    return entry;
  }

  /** Its id alone. */
  idAt(slot: number, i: number): string {
    const place = slot & (KEPT - 1);
    const known = this.#known[place];
    if (known !== undefined && known.slot === slot) return known.id;
    const id = this.#engine.idAt(i);
    this.#known[place] = { slot, id, text: undefined };
    return id;
  }

  highlightable(entry: KnownEntry): Highlightable {
    if (entry.target !== undefined) return entry.target;
    const target = highlightable(entry.text);
    if (entry.text.length <= LONGEST_KEPT) entry.target = target;
    return target;
  }

  /** Forgets what the engine says has changed: to be called after each search, before `at`. */
  heed(changes: Uint32Array): void {
    const count = changes[0] as number;
    if (count === ALL_CHANGED) this.#known.fill(undefined);
    else for (let i = 1; i <= count; i++) this.#known[(changes[i] as number) & (KEPT - 1)] = undefined;
    changes[0] = 0;
  }
}
