import { GONE } from './draft';
import type { EntryStore } from './entry-store';

/** What holds entries by position and can strike one out. */
export interface Part {
  kill(position: number): void;
}

/**
 * Where entries are. While a part is rewritten into another in many slices, entries may be deleted from it: a place
 * notes those, strikes them out of the new part when it takes over, and passes later deletions on.
 */
class Place {
  private killed: number[] = [];
  private target: Place | undefined;
  private moved: Uint32Array = new Uint32Array(0);

  constructor(private readonly part: Part) {}

  kill(position: number): void {
    if (!this.target) {
      this.part.kill(position);
      this.killed.push(position);
    } else if (this.moved[position] !== GONE) this.target.kill(this.moved[position] as number);
  }

  forgetKilled(): void {
    this.killed = [];
  }

  moveTo(target: Place, moved: Uint32Array): void {
    this.target = target;
    this.moved = moved;
    for (const position of this.killed) if (moved[position] !== GONE) target.kill(moved[position] as number);
    this.killed = [];
  }
}

/** The places by number; an entry's slot names its place and its position there. */
export class Places {
  private readonly places = new Map<number, Place>();
  private readonly numbers = new Map<Part, number>();
  private next = 1;

  constructor(private readonly store: EntryStore) {}

  open(part: Part): number {
    const number = this.next++;
    this.places.set(number, new Place(part));
    this.numbers.set(part, number);
    return number;
  }

  close(part: Part): void {
    this.places.delete(this.numbers.get(part) as number);
    this.numbers.delete(part);
  }

  put(slot: number, part: Part, position: number): void {
    this.store.part[slot] = this.numbers.get(part) as number;
    this.store.position[slot] = position;
  }

  kill(slot: number): void {
    this.places.get(this.store.part[slot] as number)?.kill(this.store.position[slot] as number);
  }

  /** A rewriting of `part` begins: what was deleted from it so far is none of the new part's business. */
  beginMove(part: Part): void {
    this.of(part).forgetKilled();
  }

  /** `target` takes over from `part`: `moved` gives the new position of each old one, or GONE. */
  move(part: Part, target: Part, moved: Uint32Array): void {
    this.of(part).moveTo(this.of(target), moved);
  }

  private of(part: Part): Place {
    return this.places.get(this.numbers.get(part) as number) as Place;
  }
}
