import type { Cart, CartApi, CartKey } from '../api/cart';
import { ApiError, newRequestKey } from '../api/client';
import type { Wanted } from './wanted';

export interface BasketState {
  /** As the shop last told it; null when there is none, undefined while that is not known. */
  readonly cart: Cart | null | undefined;
  readonly wanted: Wanted;
  /** Units on their way into the basket. */
  readonly adding: number;
  /** Why what is wanted could not be saved; it is still wanted. */
  readonly trouble: Error | undefined;
  /** Whether the shop has forgotten a basket that was here. */
  readonly forgotten: boolean;
}

export interface KeyStore {
  read(): CartKey | undefined;
  write(key: CartKey | undefined): void;
}

const hasStatus = (error: unknown, status: number): boolean => error instanceof ApiError && error.status === status;

/** What the shop takes of one article. */
export const MOST_UNITS = 1_000_000;

/** Runs a task while no other window runs one. */
export type OneWindow = <T>(task: () => Promise<T>) => Promise<T>;

/** So often a change is tried that somebody else's change overtakes. */
const ATTEMPTS = 8;

/**
 * The one basket of this browser. Changes go to the shop one after the other, so that two clicks of one person never race each
 * other: additions as they were made, quantities as what is wanted last. An answer that is older than what is known, or about a
 * basket that is not this one any more, is ignored.
 */
export class BasketKeeper {
  #state: BasketState = { cart: undefined, wanted: new Map(), adding: 0, trouble: undefined, forgotten: false };
  #queue: Promise<unknown> = Promise.resolve();
  #flushing = false;
  /** Questions are numbered as they are asked; `#newest` is the number of the one whose answer is known. */
  #asked = 0;
  #newest = 0;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly api: CartApi,
    private readonly keys: KeyStore,
    private readonly oneWindow: OneWindow = (task) => task(),
    /** Who has agreed to be remembered: a coupon that some do not get is then the same for each of their baskets. */
    private readonly visitor: () => string | undefined = () => undefined,
  ) {}

  readonly snapshot = (): BasketState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get key(): CartKey | undefined {
    return this.keys.read();
  }

  /** Asks the shop what is in it. Throws ApiError when the shop is away. */
  async refresh(signal?: AbortSignal): Promise<Cart | null> {
    const key = this.key;
    if (!key) {
      this.#set({ cart: null });
      return null;
    }
    const asked = ++this.#asked;
    try {
      const cart = await this.api.read(key, signal);
      // It may have been ordered meanwhile, or another one begun.
      if (this.key?.id === key.id) this.#accept(cart, asked);
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      this.#forget(key);
    }
    return this.#state.cart ?? null;
  }

  /** Puts something in. Resolves when the shop has it; throws ApiError. Every call adds, whatever else is on its way. */
  async add(sku: string, quantity = 1): Promise<void> {
    this.#set({ adding: this.#state.adding + quantity });
    const requestKey = newRequestKey();
    try {
      await this.#inTurn(async () => {
        const key = await this.#ensureCart();
        try {
          this.#accept(await this.api.add(key, { sku, quantity }, requestKey));
        } catch (error) {
          if (!hasStatus(error, 404)) throw error;
          this.#forget(key); // its day is over: a new one begins with this
          this.#accept(await this.api.add(await this.#ensureCart(), { sku, quantity }, newRequestKey()));
        }
      });
    } finally {
      this.#set({ adding: this.#state.adding - quantity });
    }
  }

  /** Chooses a quantity, 0 to take the line out. Shown at once, saved as soon as it is this basket's turn. */
  want(sku: string, quantity: number): void {
    this.#set({ wanted: new Map([...this.#state.wanted, [sku, quantity]]), trouble: undefined });
    void this.flush();
  }

  /** Chooses so many more, or fewer, than were chosen last: two clicks in one moment are two steps. Never below one. */
  step(sku: string, by: number): void {
    const { wanted, cart } = this.#state;
    const now = wanted.get(sku) ?? cart?.lines.find((line) => line.sku === sku)?.quantity;
    if (now === undefined) return;
    const quantity = Math.min(MOST_UNITS, Math.max(1, now + by));
    if (quantity !== now) this.want(sku, quantity);
  }

  /** Puts a coupon in, or takes it out with null. Throws ApiError, also for one that cannot be used: nothing changes then. */
  setCoupon(code: string | null): Promise<void> {
    return this.#inTurn(async () => {
      for (let attempt = 1; ; attempt++) {
        const [key, cart] = [this.key, this.#state.cart ?? (await this.refresh())];
        if (!key || !cart) return;
        try {
          this.#accept(await this.api.setCoupon(key, cart.version, code, this.visitor()));
          return;
        } catch (error) {
          if (!hasStatus(error, 412) || attempt > ATTEMPTS) throw error;
          await this.refresh();
        }
      }
    });
  }

  /** Saves what is wanted, again after trouble too. Never rejects: `trouble` says what kept it. */
  async flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      await this.#inTurn(() => this.#save());
      this.#set({ trouble: undefined });
    } catch (error) {
      this.#set({ trouble: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      this.#flushing = false;
    }
  }

  /** Takes the basket away, for an order that was placed with it; its key, so that it can be brought back. */
  setAside(): CartKey | undefined {
    const { key } = this;
    this.keys.write(undefined);
    this.#set({ cart: null, wanted: new Map(), trouble: undefined, forgotten: false });
    return key;
  }

  /** Brings back a basket that was set aside, into the present one if there is one. Throws ApiError. */
  async bringBack(key: CartKey): Promise<void> {
    await this.#inTurn(async () => {
      const present = this.key;
      if (present?.id === key.id) return;
      if (present) this.#accept(await this.api.merge(present, key, `merge-${key.id}`));
      else {
        this.#accept(await this.api.read(key));
        this.keys.write(key);
      }
    });
  }

  async #save(): Promise<void> {
    for (let attempt = 1; this.#state.wanted.size > 0;) {
      const [[sku, quantity] = ['', 0]] = this.#state.wanted;
      const [key, cart] = [this.key, this.#state.cart ?? (await this.refresh())];
      if (!key || !cart?.lines.some((line) => line.sku === sku)) {
        this.#done(sku, quantity); // another window took it out
        continue;
      }
      try {
        this.#accept(await this.api.change(key, cart.version, sku, quantity));
        this.#done(sku, quantity);
        attempt = 1;
      } catch (error) {
        const overtaken = hasStatus(error, 412) || hasStatus(error, 404);
        if (!overtaken || attempt++ > ATTEMPTS) throw error;
        await this.refresh();
      }
    }
  }

  #done(sku: string, quantity: number): void {
    const wanted = new Map(this.#state.wanted);
    // Somebody may have clicked on while it was on its way.
    if (wanted.get(sku) === quantity) wanted.delete(sku);
    this.#set({ wanted });
  }

  /** The cart that is there, or a new one: one for all windows, though several need it in the same moment. */
  #ensureCart(): Promise<CartKey> {
    return this.oneWindow(async () => {
      const before = this.key;
      if (before) return before;
      const { id, token, ...cart } = await this.api.create(newRequestKey(), this.visitor());
      // Where windows cannot wait for each other, the first to have one is right; the other one stays empty.
      const meanwhile = this.key;
      if (meanwhile) return meanwhile;
      this.keys.write({ id, token });
      this.#accept({ id, ...cart });
      return { id, token };
    });
  }

  #accept(cart: Cart, asked = ++this.#asked): void {
    const known = this.#state.cart;
    const isOlder = known?.id === cart.id && known.version > cart.version;
    // Of one version the stock and the prices may differ.
    const isOvertaken = known?.id === cart.id && known.version === cart.version && asked < this.#newest;
    if (isOlder || isOvertaken) return;
    this.#newest = asked;
    this.#set({ cart, forgotten: false });
  }

  #forget(key: CartKey): void {
    // Nothing is said by this of a basket that has taken its place, or of none: that one was set aside.
    if (this.key?.id !== key.id) return;
    this.keys.write(undefined);
    this.#set({ cart: null, wanted: new Map(), forgotten: true });
  }

  #set(change: Partial<BasketState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(task, task);
    this.#queue = turn.catch(() => undefined); // whoever waits for the task hears of it
    return turn;
  }
}
