import { ALL_CHANGED, type AutocompleteEngine, MOST_CHANGES, SearchFlag } from '../../autocomplete/engine';
import { EngineStatus, type Job } from '../../jobs/job';
import type { AutocompleteStats } from '../../autocomplete/types';
import type { StoredEntry } from './entry-store';
import { LiveIndex } from './live-index';
import { Query } from './query';
import { Search } from './search';
import { decodePayload, readSnapshot } from './snapshot-load';
import { saveSnapshot } from './snapshot-save';
import { type Cancellation, runInSlices, startJob } from '../steps';
import { countWords } from './word-count';

/** An index and the engines on it, all of one thread: memory of JavaScript cannot be shared with another. */
class SharedIndex {
  readonly index = new LiveIndex();
  /** Where each engine is told what to forget. */
  readonly changes = new Set<Uint32Array>();
  private sharedAs: number | undefined;

  token(): number {
    if (this.sharedAs === undefined) {
      this.sharedAs = ++lastToken;
      sharedIndexes.set(this.sharedAs, this);
    }
    return this.sharedAs;
  }

  /** The entry of a slot has changed. A slot that is used again is one of these, too. */
  changed(slot: number): void {
    for (const changes of this.changes) {
      const count = changes[0] as number;
      if (count >= MOST_CHANGES) changes[0] = ALL_CHANGED;
      else changes[(changes[0] = count + 1)] = slot;
    }
  }

  /** The last engine to leave closes the index. */
  leave(changes: Uint32Array): void {
    this.changes.delete(changes);
    if (this.changes.size > 0) return;
    if (this.sharedAs !== undefined) sharedIndexes.delete(this.sharedAs);
    this.index.close();
  }
}

const sharedIndexes = new Map<number, SharedIndex>();
let lastToken = 0;

/** The autocomplete engine in plain TypeScript: the same answers as the native one. See engine.ts for what its functions mean. */
class FallbackAutocomplete implements AutocompleteEngine {
  private readonly index: LiveIndex;
  private readonly query = new Query();
  private readonly finder: Search;
  private readonly jobs = new Set<Job>();

  constructor(
    readonly slots: Uint32Array,
    readonly slips: Uint32Array,
    readonly changes: Uint32Array,
    private readonly shared: SharedIndex = new SharedIndex(),
  ) {
    this.index = shared.index;
    shared.changes.add(changes);
    this.finder = new Search(this.index, slots, slips);
  }

  set(
    id: string,
    text: string,
    analysis: string | null,
    weight: number,
    price: number,
    inStock: boolean,
    categories: string,
  ): boolean {
    const isNew = this.index.set({ id, text, analysis, weight, price, inStock, categories });
    this.shared.changed(this.index.store.slotById.get(id) as number);
    return isNew;
  }

  setWeight(id: string, weight: number): boolean {
    const { store } = this.index;
    const slot = store.slotById.get(id);
    if (slot === undefined) return false;
    if (store.weights[slot] !== weight) {
      this.index.set({ ...store.entryAt(slot), weight });
      this.shared.changed(store.slotById.get(id) as number);
    }
    return true;
  }

  delete(id: string): boolean {
    const slot = this.index.store.slotById.get(id);
    if (slot === undefined) return false;
    this.index.delete(slot);
    this.shared.changed(slot);
    return true;
  }

  lookUp(id: string): number {
    const slot = this.index.store.slotById.get(id) ?? -1;
    if (slot >= 0) this.slots[0] = slot;
    return slot;
  }

  idsOf(count: number): string[] {
    const ids = new Array<string>(count);
    for (let i = 0; i < count; i++) ids[i] = this.idAt(i);
    return ids;
  }

  entriesOf(count: number): (string | number)[] {
    const all: (string | number)[] = [];
    for (let i = 0; i < count; i++) all.push(this.idAt(i), this.textAt(i), this.weightAt(i));
    return all;
  }

  idAt(i: number): string {
    return this.index.store.ids[this.slots[i] as number] as string;
  }

  textAt(i: number): string {
    return this.index.store.texts[this.slots[i] as number] as string;
  }

  weightAt(i: number): number {
    return this.index.store.weights[this.slots[i] as number] as number;
  }

  priceAt(i: number): number {
    return this.index.store.prices[this.slots[i] as number] as number;
  }

  inStockAt(i: number): boolean {
    return this.index.store.inStock[this.slots[i] as number] === 1;
  }

  categoriesAt(i: number): string {
    const { store } = this.index;
    return store.sets.joinedOf(store.categorySets[this.slots[i] as number] as number);
  }

  search(query: string, limit: number, flags: number): number {
    const parsed = this.query.parseRaw(query);
    return parsed < 0 ? parsed : this.finder.run(this.query, limit, flags);
  }

  searchPlan(plan: string, limit: number, flags: number): number {
    const parsed = this.query.parsePlan(plan);
    if ((flags & SearchFlag.PREFIX) !== 0 && parsed === 0) this.query.endWithPrefix();
    return parsed < 0 ? parsed : this.finder.run(this.query, limit, flags);
  }

  setFilter(categories: string, priceGte: number, priceLte: number, inStock: number): void {
    this.finder.filter.set(categories, priceGte, priceLte, inStock);
  }

  append(
    id: string,
    text: string,
    analysis: string | null,
    weight: number,
    price: number,
    inStock: boolean,
    categories: string,
  ): boolean {
    return this.index.append({ id, text, analysis, weight, price, inStock, categories });
  }

  build(onProgress: (done: number, total: number) => void): Job {
    return this.start((cancellation) => this.buildAppended(cancellation, onProgress));
  }

  save(path: string): Job {
    const { index } = this;
    const living = index.living();
    index.store.hold();
    return this.start(
      async (cancellation) => {
        await saveSnapshot(index.store, living, path, cancellation);
      },
      () => index.store.letGo(),
    );
  }

  load(path: string, onProgress: (done: number, total: number) => void): Job {
    return this.start(async (cancellation) => {
      const { count, payload } = await readSnapshot(path, cancellation);
      try {
        const append = (entry: StoredEntry): boolean => this.index.append(entry);
        await runInSlices(decodePayload(count, payload, append), cancellation);
      } catch (error) {
        this.index.dropAppended();
        throw error;
      }
      await this.buildAppended(cancellation, onProgress);
    });
  }

  share(): number {
    return this.shared.token();
  }

  size(): number {
    return this.index.store.slotById.size;
  }

  open(path: string, onProgress: (done: number, total: number) => void): Job {
    return this.load(path, onProgress);
  }

  verify(): Job {
    return this.start(() => Promise.resolve());
  }

  awaitVerified(): EngineStatus {
    return EngineStatus.OK;
  }

  stats(): Omit<AutocompleteStats, 'backend'> {
    const { store, segments, memtable } = this.index;
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes(), store.bytes());
    return { entries: store.slotById.size, words: countWords(this.index), bytes, pending: memtable.alive };
  }

  close(): void {
    for (const job of this.jobs) job.cancel();
    this.shared.leave(this.changes);
  }

  private async buildAppended(
    cancellation: Cancellation,
    onProgress: (done: number, total: number) => void,
  ): Promise<void> {
    const total = this.index.store.slotById.size;
    // Splitting texts into words is about half of the work; the rest has no number of entries to tell.
    const steps = this.index.buildAppended((done) => onProgress(Math.floor(done / 2), total));
    try {
      await runInSlices(steps, cancellation);
    } catch (error) {
      steps.return();
      this.index.dropAppended();
      throw error;
    }
    onProgress(total, total);
  }

  private start(work: (cancellation: Cancellation) => Promise<void>, onEnd?: () => void): Job {
    const job = startJob(work, (ended) => {
      this.jobs.delete(ended);
      onEnd?.();
    });
    this.jobs.add(job);
    return job;
  }
}

/**
 * Makes an engine that puts its results into `slots` and `slips`, which are at least 1,000 long, and what to forget into
 * `changes`. Memory: about 300 bytes an entry with titles of eight words.
 */
export function createFallbackAutocomplete(
  slots: Uint32Array,
  slips: Uint32Array,
  changes: Uint32Array,
): AutocompleteEngine {
  return new FallbackAutocomplete(slots, slips, changes);
}

/** Another engine on an index of this thread that is shared under this token; undefined when there is none. */
export function attachFallbackAutocomplete(
  token: number,
  slots: Uint32Array,
  slips: Uint32Array,
  changes: Uint32Array,
): AutocompleteEngine | undefined {
  const shared = sharedIndexes.get(token);
  return shared && new FallbackAutocomplete(slots, slips, changes, shared);
}
