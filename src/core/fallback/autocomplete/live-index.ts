import { draftEntries, draftMerge, GONE } from './draft';
import { EntryStore, type StoredEntry } from './entry-store';
import { GrowingUint32 } from '../growing';
import { Memtable } from './memtable';
import { chooseSources, TOO_MANY_SEGMENTS } from './merge-policy';
import { type Part, Places } from './places';
import { buildSegment, type Segment } from './segment';
import { runFor, runNow, type Steps } from '../steps';

/** Entries of the memtable before it becomes a segment. */
const MEMTABLE_ENTRIES = 512;
const MERGE_MILLISECONDS = 2;
const CATCH_UP_MILLISECONDS = 8;

/** Appended entries that wait for `build`. */
class Appended implements Part {
  readonly slots: number[] = [];

  kill(position: number): void {
    this.slots[position] = -1;
  }
}

/**
 * The parts of the index: a small mutable memtable and immutable segments, which are merged in the background as they
 * pile up (O'Neil et al., "The Log-Structured Merge-Tree", 1996).
 */
export class LiveIndex {
  readonly store = new EntryStore();
  segments: Segment[] = [];
  memtable: Memtable;

  private readonly places = new Places(this.store);
  private appended = new Appended();
  private merge: Steps<void> | undefined;
  private ticking = false;
  private closed = false;

  constructor() {
    this.memtable = this.openMemtable();
    this.places.open(this.appended);
  }

  /** Inserts or replaces; returns whether the id was new. */
  set(entry: StoredEntry): boolean {
    const old = this.store.slotById.get(entry.id);
    if (old !== undefined) this.remove(old);
    const slot = this.store.add(entry);
    this.store.slotById.set(entry.id, slot);
    this.places.put(slot, this.memtable, this.memtable.add(slot));
    if (this.memtable.slots.length >= MEMTABLE_ENTRIES) this.flush();
    return old === undefined;
  }

  delete(slot: number): void {
    this.store.slotById.delete(this.store.ids[slot] as string);
    this.remove(slot);
    if (this.store.slotById.size === 0 && !this.merge) this.dropAll();
    else this.scheduleMerge();
  }

  /** Takes an entry for `build`; false when its id is taken. */
  append(entry: StoredEntry): boolean {
    if (this.store.slotById.get(entry.id) !== undefined) return false;
    const slot = this.store.add(entry);
    this.store.slotById.set(entry.id, slot);
    this.places.put(slot, this.appended, this.appended.slots.length);
    this.appended.slots.push(slot);
    return true;
  }

  /** Indexes what was appended. If it is abandoned, `dropAppended` must follow. */
  *buildAppended(onProgress: (done: number) => void): Steps<void> {
    const { appended } = this;
    this.store.hold();
    let segment: Segment | undefined;
    try {
      this.places.beginMove(appended);
      const living = new GrowingUint32(appended.slots.length);
      for (const slot of appended.slots) if (slot >= 0) living.push(slot);
      const slots = living.trimmed();
      yield;
      const draft = yield* draftEntries(this.store, slots, onProgress);
      segment = yield* buildSegment(this.store, draft);
      const moved = new Uint32Array(appended.slots.length).fill(GONE);
      for (let rank = 0; rank < segment.size; rank++) {
        moved[this.store.position[segment.slots[rank] as number] as number] = rank;
        if ((rank & 4095) === 4095) yield;
      }
      this.places.open(segment);
      this.places.move(appended, segment, moved);
      yield* this.relocate(segment);
      this.publish(segment, []);
      this.renewAppended();
    } catch (error) {
      if (segment) this.places.close(segment);
      throw error;
    } finally {
      this.store.letGo();
    }
  }

  /** Forgets what was appended and not built. */
  dropAppended(): void {
    for (const slot of this.appended.slots) {
      if (slot < 0) continue;
      this.store.slotById.delete(this.store.ids[slot] as string);
      this.store.release(slot);
    }
    this.renewAppended();
  }

  /** The slots of all living entries, in a few sorted runs. */
  living(): Uint32Array {
    const slots = new Uint32Array(this.store.slotById.size);
    let count = 0;
    for (const segment of this.segments) {
      for (let rank = 0; rank < segment.size; rank++) {
        if (segment.isAlive(rank)) slots[count++] = segment.slots[rank] as number;
      }
    }
    slots.set(this.memtable.living(), count);
    return slots.subarray(0, count + this.memtable.alive);
  }

  close(): void {
    this.closed = true;
    this.merge = undefined;
    this.segments = [];
  }

  private remove(slot: number): void {
    this.places.kill(slot);
    this.store.release(slot);
  }

  private openMemtable(): Memtable {
    const memtable = new Memtable(this.store);
    this.places.open(memtable);
    return memtable;
  }

  private dropAll(): void {
    for (const segment of this.segments) this.places.close(segment);
    this.places.close(this.memtable);
    this.segments = [];
    this.memtable = this.openMemtable();
  }

  /** Turns the memtable into a segment: a few milliseconds for 512 entries. */
  private flush(): void {
    const full = this.memtable;
    this.memtable = this.openMemtable();
    const segment = runNow(this.buildOf(full.living()));
    this.places.open(segment);
    runNow(this.relocate(segment));
    this.publish(segment, []);
    this.places.close(full);
    this.scheduleMerge();
    // A caller who never lets the event loop turn pays for the merges as he goes.
    if (this.segments.length > TOO_MANY_SEGMENTS) this.continueMerge(CATCH_UP_MILLISECONDS);
  }

  private *buildOf(slots: Uint32Array): Steps<Segment> {
    return yield* buildSegment(this.store, yield* draftEntries(this.store, slots, () => undefined));
  }

  /** Makes a segment part of the index in place of others. */
  private publish(segment: Segment, sources: readonly Segment[]): void {
    const stay = this.segments.filter((present) => !sources.includes(present));
    this.segments = segment.size > 0 ? [...stay, segment] : stay;
  }

  private renewAppended(): void {
    this.places.close(this.appended);
    this.appended = new Appended();
    this.places.open(this.appended);
  }

  /** Tells the entries where they are now. Until then their old place passes deletions on. */
  private *relocate(segment: Segment): Steps<void> {
    for (let rank = 0; rank < segment.size; rank++) {
      this.places.put(segment.slots[rank] as number, segment, rank);
      if ((rank & 4095) === 4095) yield;
    }
  }

  private *mergeSegments(sources: readonly Segment[]): Steps<void> {
    this.store.hold();
    try {
      for (const source of sources) this.places.beginMove(source);
      const { draft, moved } = yield* draftMerge(this.store, sources);
      const segment = yield* buildSegment(this.store, draft);
      this.places.open(segment);
      sources.forEach((source, i) => this.places.move(source, segment, moved[i] as Uint32Array));
      this.publish(segment, sources);
      yield* this.relocate(segment);
      for (const source of sources) this.places.close(source);
      if (segment.size === 0) this.places.close(segment);
    } finally {
      this.store.letGo();
    }
  }

  private scheduleMerge(): void {
    if (this.merge || this.closed) return;
    const sources = chooseSources(this.segments);
    if (sources.length === 0) return;
    this.merge = this.mergeSegments(sources);
    this.continueLater();
  }

  private continueLater(): void {
    if (this.ticking) return;
    this.ticking = true;
    // A merge is no reason to keep the process alive.
    setImmediate(() => {
      this.ticking = false;
      this.continueMerge(MERGE_MILLISECONDS);
      if (this.merge) this.continueLater();
    }).unref();
  }

  private continueMerge(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    while (this.merge && performance.now() < end) {
      try {
        if (!runFor(this.merge, end - performance.now())) return;
      } catch (error) {
        // Without memory for a merge the index stays right, only slower; the next flush tries again.
        if ((error as Error).name !== 'RangeError') throw error;
        this.merge = undefined;
        return;
      }
      this.merge = undefined;
      this.scheduleMerge();
    }
  }
}
