import { Cache } from '../../core';
import { z } from '../../platform/http/zod';
import type { CartView } from './schemas';
import type { KeptCart } from './store';

/** Tells other processes of the shop what a cart holds. Returns at once; whom it does not reach reads the database. */
export type TellCarts = (message: string) => void;

/** 100 lines with the longest skus in the widest letters are 40 kB; the budget of one part of the cache may be less than more. */
const LONGEST = 1 << 16;

/**
 * What carts hold, as this process last saw it: a guess that saves a round trip. It is shown only after PostgreSQL has said, in
 * the same moment as the prices, that the cart still has this version; so it may be old, and no reader ever sees that.
 */
export class KeptCarts {
  #kept: Cache<string> | undefined;
  readonly #tell: TellCarts | undefined;
  #right = 0;
  #wrong = 0;
  #unknown = 0;

  /** Keeps at most so many bytes; 0 keeps nothing. */
  constructor({ cacheBytes, tell }: { readonly cacheBytes: number; readonly tell?: TellCarts | undefined }) {
    this.#kept = cacheBytes > 0 ? new Cache<string>({ maxBytes: cacheBytes }) : undefined;
    this.#tell = tell;
  }

  /** Undefined when it is not kept. */
  find(id: string): KeptCart | undefined {
    const text = this.#kept?.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as KeptCart);
  }

  /** Keeps what was committed, unless something newer is kept. */
  keep({ id, version, updatedAt, coupon, lines }: KeptCart): void {
    if (!this.#kept || (this.find(id)?.version ?? 0) >= version) return;
    const own = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const text = JSON.stringify({ id, version, updatedAt, coupon, lines: own });
    if (text.length <= LONGEST) this.#kept.set(id, text);
  }

  /** There is another version than the one that is kept, an older one too: the database was restored. */
  replace(cart: KeptCart): void {
    this.#kept?.delete(cart.id);
    this.keep(cart);
  }

  /** A change has been committed here: kept, and told to the others. */
  changed(view: CartView): void {
    const cart = { ...view, coupon: view.coupon?.code ?? null };
    this.keep(cart);
    const text = this.#kept?.peek(view.id);
    if (text !== undefined) this.#tell?.(text);
  }

  /** What another process has told. Something that is no cart of this version of the program is left alone. */
  heard(message: string): void {
    const cart = message.length <= LONGEST ? toldSchema.safeParse(parsed(message)) : undefined;
    if (cart?.success) this.keep(cart.data);
  }

  /** Counts a read by what came of it. */
  count(guess: 'right' | 'wrong' | 'unknown'): void {
    if (guess === 'right') this.#right++;
    else if (guess === 'wrong') this.#wrong++;
    else this.#unknown++;
  }

  /** Reads since the start: those whose guess held, was too old, or was missing. */
  status(): { readonly right: number; readonly wrong: number; readonly unknown: number } {
    return { right: this.#right, wrong: this.#wrong, unknown: this.#unknown };
  }

  /** What is still told or asked after it finds nothing kept. */
  close(): void {
    this.#kept?.close();
    this.#kept = undefined;
  }
}

const toldSchema = z.strictObject({
  id: z.string(),
  version: z.int(),
  updatedAt: z.iso.datetime(),
  coupon: z.string().nullable(),
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
});

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined; // no JSON: nothing that one of us has told
  }
}
