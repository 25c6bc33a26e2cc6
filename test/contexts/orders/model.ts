/** A shop in two hundred lines: what carts and orders must do, without a database, a provider, or anything that can go wrong. */

/** What is sold, in the order of the names: its price, and how many there are. */
export const GOODS = {
  cup: { price: 1_000, units: 5 },
  pot: { price: 4_999, units: 2 },
  tea: { price: 333, units: 4 },
} as const;
export type Good = keyof typeof GOODS;
export const NAMES = Object.keys(GOODS) as Good[];

export interface Line {
  readonly good: Good;
  readonly quantity: number;
}
export type Match = 'none' | 'current' | 'stale';
export type Token = 'tok_success' | 'tok_declined' | 'tok_refund_fails';
/** `ok`, or the code of the problem. */
export type Outcome = string;

/** A cart as its owner sees it; undefined where there is none any more. */
export interface CartShown {
  readonly version: number;
  readonly lines: readonly (Line & { readonly available: number })[];
  readonly subtotal: number;
}

interface Cart {
  /** In the order in which they came. */
  readonly lines: Map<Good, number>;
  version: number;
  gone: boolean;
}

interface Quote {
  readonly lines: readonly Line[];
  expired: boolean;
  used: boolean;
}

interface Order {
  state: 'pending' | 'confirmed' | 'dispatching' | 'dispatched' | 'cancelling' | 'cancelled';
  readonly lines: readonly Line[];
  readonly token: Token;
  /** What its saga has still to do. */
  steps: string[];
  holds: boolean;
  asked: boolean;
  money: 'none' | 'authorised' | 'captured';
  refunded: number;
  /** Refunds that are promised, the oldest first. */
  readonly refunds: number[];
}

/** Steps that need nothing but the shop's own database. */
const LOCAL = ['commit', 'confirm', 'complete', 'release', 'cancel'];

export const totalOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { good, quantity }) => sum + GOODS[good].price * quantity, 0);

export class Model {
  readonly carts: Cart[] = [];
  readonly quotes: Quote[] = [];
  readonly orders: Order[] = [];
  readonly #stock = new Map<Good, number>(NAMES.map((good) => [good, GOODS[good].units]));

  /** What anybody can see of orders and stock. */
  get shown(): { readonly states: string[]; readonly available: number[] } {
    return { states: this.orders.map(({ state }) => state), available: NAMES.map((good) => this.#available(good)) };
  }

  cart(index: number): CartShown | undefined {
    const { lines, version, gone } = at(this.carts, index);
    const held = linesOf(lines);
    const shown = held.map((line) => ({ ...line, available: this.#available(line.good) }));
    return gone ? undefined : { version, lines: shown, subtotal: totalOf(held) };
  }

  createCart(lines: readonly Line[]): Outcome {
    const cart: Cart = { lines: new Map(), version: 1, gone: false };
    for (const line of lines) put(cart.lines, line);
    this.carts.push(cart);
    return 'ok';
  }

  add(index: number, match: Match, line: Line): Outcome {
    return this.#change(index, match, (lines) => put(lines, line));
  }

  change(index: number, match: Match, { good, quantity }: Line): Outcome {
    return this.#change(index, match, (lines) => lines.has(good) && lines.set(good, quantity) === lines);
  }

  remove(index: number, match: Match, { good }: Line): Outcome {
    return this.#change(index, match, (lines) => lines.delete(good));
  }

  merge(into: number, from: number): Outcome {
    const source = at(this.carts, from);
    if (into === from) return 'validation-failed';
    if (at(this.carts, into).gone) return 'not-found';
    if (source.gone) return 'validation-failed';
    source.gone = true;
    return this.#change(into, 'none', (lines) => linesOf(source.lines).every((line) => put(lines, line)));
  }

  expire(what: 'carts' | 'quotes', index: number): void {
    if (what === 'carts') at(this.carts, index).gone = true;
    else at(this.quotes, index).expired = true;
  }

  quote(index: number): Outcome {
    const { lines, gone } = at(this.carts, index);
    if (gone) return 'not-found';
    if (lines.size === 0) return 'cart-empty';
    // What becomes of the cart afterwards does not change it.
    this.quotes.push({ lines: linesOf(lines), expired: false, used: false });
    return 'ok';
  }

  checkout(index: number, token: Token): Outcome {
    const quote = at(this.quotes, index);
    if (quote.expired) return 'quote-expired';
    if (quote.used) return 'quote-used';
    const { lines } = quote;
    if (lines.some(({ good, quantity }) => quantity > this.#available(good))) return 'out-of-stock';
    quote.used = true;
    this.#move(lines, -1);
    const steps = ['fraud', 'authorise', 'commit', 'confirm'];
    const nothing = { asked: false, money: 'none', refunded: 0, refunds: [] } as const;
    this.orders.push({ ...nothing, state: 'pending', lines, token, steps, holds: true, refunds: [] });
    return 'ok';
  }

  cancel(index: number): Outcome {
    const order = at(this.orders, index);
    if (order.state === 'dispatching' || order.state === 'dispatched') return 'order-closed';
    if (order.state === 'pending' || order.state === 'confirmed') this.#takeBack(order);
    return 'ok';
  }

  dispatch(index: number): Outcome {
    const order = at(this.orders, index);
    if (order.state === 'confirmed') {
      order.state = 'dispatching';
      order.steps = ['capture', 'complete'];
    }
    return order.state === 'dispatching' || order.state === 'dispatched' ? 'ok' : 'order-closed';
  }

  refund(index: number, amount: number): Outcome {
    const { state, lines, refunded, refunds } = at(this.orders, index);
    if (state !== 'dispatched') return 'order-closed';
    const promised = refunds.reduce((sum, one) => sum + one, 0);
    if (refunded + promised + amount > totalOf(lines)) return 'refund-exceeds-capture';
    refunds.push(amount);
    return 'ok';
  }

  /** What the provider must have in the end for an order. */
  net(index: number): number {
    const { money, lines, refunded } = at(this.orders, index);
    return money === 'captured' ? totalOf(lines) - refunded : 0;
  }

  /**
   * One step of the order's saga, with `through` also those that follow it and call nobody; of its oldest refund when that has none.
   * False when there is nothing to do.
   */
  work(index: number, through: boolean): boolean {
    const order = at(this.orders, index);
    const step = order.steps.shift();
    if (step !== undefined) {
      this.#do(order, step);
      while (through && LOCAL.includes(order.steps[0] ?? '')) this.#do(order, order.steps.shift() ?? '');
    } else if (order.refunds.length > 0) {
      const amount = order.refunds.shift() ?? 0;
      if (order.token !== 'tok_refund_fails') order.refunded += amount;
    } else return false;
    return true;
  }

  #do(order: Order, step: string): void {
    if (step === 'fraud') order.asked = true;
    if (step === 'authorise' || step === 'find out') {
      if (order.token !== 'tok_declined') order.money = 'authorised';
      else if (step === 'authorise') this.#takeBack(order);
    }
    if (step === 'confirm') order.state = 'confirmed';
    if (step === 'capture') order.money = 'captured';
    if (step === 'complete') order.state = 'dispatched';
    if (step === 'undo') order.money = 'none';
    if (step === 'release' && order.holds) {
      order.holds = false;
      this.#move(order.lines, 1);
    }
    if (step === 'cancel') order.state = 'cancelled';
  }

  #takeBack(order: Order): void {
    // Asked for, and the answer not known: it is found out first. What was declined then needs no undoing.
    const unknown = order.asked && order.money === 'none' && order.steps.includes('authorise');
    const undo = unknown && order.token !== 'tok_declined' ? ['find out', 'undo'] : [unknown ? 'find out' : 'undo'];
    order.state = 'cancelling';
    order.steps = [...undo, 'release', 'cancel'];
  }

  #change(index: number, match: Match, act: (lines: Map<Good, number>) => boolean): Outcome {
    const cart = at(this.carts, index);
    if (cart.gone) return 'not-found';
    if (match === 'stale') return 'precondition-failed';
    if (!act(cart.lines)) return 'not-found';
    cart.version += 1;
    return 'ok';
  }

  #available(good: Good): number {
    return this.#stock.get(good) ?? 0;
  }

  #move(lines: readonly Line[], sign: 1 | -1): void {
    for (const { good, quantity } of lines) this.#stock.set(good, this.#available(good) + sign * quantity);
  }
}

function put(lines: Map<Good, number>, { good, quantity }: Line): true {
  lines.set(good, (lines.get(good) ?? 0) + quantity);
  return true;
}

const linesOf = (lines: ReadonlyMap<Good, number>): Line[] =>
  [...lines].map(([good, quantity]) => ({ good, quantity }));

function at<T>(all: readonly T[], index: number): T {
  const one = all[index];
  if (one === undefined) throw new RangeError(`there is no ${index} of ${all.length}`);
  return one;
}
