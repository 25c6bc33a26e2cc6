import type { Clock } from '../../../kernel/clock';
import type { Log } from '../../../platform/log';
import { runLoop, type Loop } from '../../../platform/loop';
import type { Follower, Outbox, Positions, PublishedEvent } from '../../../platform/outbox';
import {
  deletedProductSchema,
  PRODUCT_CREATED,
  PRODUCT_DELETED,
  PRODUCT_UPDATED,
  searchableProductSchema,
} from '../../catalogue';
import { ProductTable } from '../product-table';
import { Slices } from '../slices';
import type { Sources } from '../types';
import { ContentIndex, FEATURES_MS } from './content';
import { Margins } from './margins';
import { Trends } from './trends';

export interface CatalogueViewOptions extends Pick<Sources, 'products' | 'costs' | 'costsOf' | 'demand'> {
  readonly outbox: Pick<Outbox, 'follow' | 'positions'>;
  readonly cacheBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

const DEMAND = 500;
const REFRESH_MS = 30_000;
/** When a tenth of the products have other words, they are counted anew before six hours are over; of a half, at once. */
const CHANGED = 0.1;
const MOSTLY_CHANGED = 0.5;

/** The catalogue as answers need it: its products, what is alike among them, and what is wanted. Follows the catalogue's events. */
export class CatalogueView {
  #table = new ProductTable();
  #margins = new Margins(this.#table);
  #content: ContentIndex | undefined;
  #trends = Trends.none(this.#table);
  #follower: Follower | undefined;
  #builtAt = -Infinity;
  #ready = false;
  #building = false;
  readonly #reworded = new Set<number>();
  readonly #closing = new AbortController();
  /** Reads the catalogue at first; then keeps demand, popularity and likeness up to date. */
  readonly loop: Loop;

  constructor(private readonly options: CatalogueViewOptions) {
    const { clock, log } = options;
    this.loop = runLoop({
      name: 'recommendations-catalogue',
      idleMs: REFRESH_MS,
      clock,
      log,
      step: async () => {
        if (!this.#follower) await this.#start();
        await this.#refresh();
        return false;
      },
    });
  }

  get table(): ProductTable {
    return this.#table;
  }

  /** What the shop keeps of the prices of the present table. */
  get margins(): Margins {
    return this.#margins;
  }

  /** Undefined until the words of the present table have been counted. */
  get content(): ContentIndex | undefined {
    return this.#content;
  }

  get trends(): Trends {
    return this.#trends;
  }

  /** Whether the catalogue has been read. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Events published and not yet applied. */
  lag(): number {
    return this.#follower?.status().lag ?? 0;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closing'));
    await this.loop.close();
    await this.#follower?.close();
    this.#content?.close();
    this.#table.close();
  }

  async #start(): Promise<void> {
    const from = await this.#read();
    this.#follower = this.options.outbox.follow({
      name: 'recommendations',
      kind: 'product',
      from,
      onEvents: (events) => this.#apply(events),
      onBehind: async () => {
        const positions = await this.#read();
        this.loop.wake();
        return positions;
      },
    });
  }

  async #read(): Promise<Positions> {
    // Before the products: what commits while they are read is then both among them and among the events that follow.
    const positions = await this.options.outbox.positions();
    const table = new ProductTable();
    for await (const product of this.options.products()) {
      this.#closing.signal.throwIfAborted();
      table.put(product);
    }
    const margins = new Margins(table);
    for await (const cost of this.options.costs()) {
      this.#closing.signal.throwIfAborted();
      margins.put(cost);
    }
    const before = { table: this.#table, content: this.#content };
    [this.#table, this.#margins, this.#content, this.#trends] = [table, margins, undefined, Trends.none(table)];
    this.#reworded.clear();
    before.content?.close();
    before.table.close();
    this.#ready = true;
    return positions;
  }

  async #apply(events: readonly PublishedEvent[]): Promise<void> {
    const table = this.#table;
    const slices = new Slices();
    for (const event of events) {
      if (slices.over()) await slices.next();
      const row = applyEvent(table, event);
      if (row !== undefined) this.#reworded.add(row);
    }
    await this.#learnReworded();
    await this.#readMargins(events);
  }

  /**
   * Events leave the shop, so they do not carry what a product costs: it is read of all that they are about, of those that the table
   * is past too. What is read is never older than the event; where reading fails, the events come again.
   */
  async #readMargins(events: readonly PublishedEvent[]): Promise<void> {
    const margins = this.#margins;
    const gone = new Set(events.filter(({ type }) => type === PRODUCT_DELETED).map(({ subject }) => subject));
    for (const id of gone) margins.remove(id);
    const changed = [...new Set(events.map(({ subject }) => subject))].filter((id) => !gone.has(id));
    if (changed.length > 0) for (const cost of await this.options.costsOf(changed)) margins.put(cost);
  }

  /** New products and new words are in the index at once: what was found before they came is forgotten. */
  async #learnReworded(): Promise<void> {
    const content = this.#content;
    // Those that are being built take it up when they are done.
    if (this.#building) return;
    if (!content) {
      // The words of all are yet to be counted: now that there are products.
      if (this.#reworded.size > 0) this.loop.wake();
      return;
    }
    const slices = new Slices();
    for (const row of this.#reworded) {
      if (slices.over()) await slices.next();
      // Another has been built, or is being built, meanwhile: it has them.
      if (this.#building || content !== this.#content) return;
      this.#reworded.delete(row);
      content.update(row);
    }
    if (content.changed > MOSTLY_CHANGED) this.loop.wake();
  }

  async #refresh(): Promise<void> {
    const table = this.#table;
    const { clock, cacheBytes, demand } = this.options;
    // The likeness may take long at first: what sells is known without it.
    this.#keep(table, await Trends.read(table, await demand(DEMAND)));
    const due = clock.now() - this.#builtAt > FEATURES_MS || (this.#content?.changed ?? 1) > CHANGED;
    if (!due || table.active === 0) return;
    // What is reworded from here on may come too late for what is found: it is looked at after the build.
    this.#reworded.clear();
    this.#building = true;
    const content = await ContentIndex.build(table, cacheBytes, this.#closing.signal)
      .catch((error: unknown) => {
        // The catalogue has been read anew meanwhile, and this table closed.
        if (table !== this.#table) return undefined;
        throw error;
      })
      .finally(() => {
        this.#building = false;
      });
    if (content === undefined || table !== this.#table) return content?.close();
    const before = this.#content;
    this.#content = content;
    this.#builtAt = clock.now();
    before?.close();
    await this.#learnReworded();
  }

  #keep(table: ProductTable, trends: Trends): void {
    if (table === this.#table) this.#trends = trends;
  }
}

/** Applies an event unless the table is past it; returns the row of a product whose words are others now. */
export function applyEvent(table: ProductTable, event: PublishedEvent): number | undefined {
  if (event.version <= table.versionOf(event.subject)) return undefined;
  if (event.type === PRODUCT_CREATED || event.type === PRODUCT_UPDATED) {
    const { row, reworded } = table.put(searchableProductSchema.parse(event.data));
    return reworded ? row : undefined;
  }
  if (event.type === PRODUCT_DELETED) table.remove(event.subject, deletedProductSchema.parse(event.data).version);
  return undefined;
}
