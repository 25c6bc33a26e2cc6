/** A shop in a hundred lines: what orders must do, without a database, a provider, or anything that can go wrong. */

export type Token = 'tok_success' | 'tok_declined' | 'tok_refund_fails';

interface Order {
  state: 'pending' | 'confirmed' | 'dispatching' | 'dispatched' | 'cancelling' | 'cancelled';
  readonly quantity: number;
  readonly token: Token;
  /** What its saga has still to do. */
  steps: string[];
  holds: boolean;
  asked: boolean;
  money: 'none' | 'authorised' | 'captured';
  refunded: number;
  /** Refunds that are promised, the oldest first. */
  refunds: number[];
}

/** Steps that need nothing but the shop's own database. */
const LOCAL = ['commit', 'confirm', 'complete', 'release', 'cancel'];

export class Model {
  readonly orders: Order[] = [];

  constructor(
    private stock: number,
    private readonly price: number,
  ) {}

  get available(): number {
    return this.stock;
  }

  /** What the provider must have in the end for an order. */
  net(index: number): number {
    const order = this.#at(index);
    return order.money === 'captured' ? order.quantity * this.price - order.refunded : 0;
  }

  checkout(quantity: number, token: Token): 'placed' | 'out-of-stock' {
    if (quantity > this.stock) return 'out-of-stock';
    this.stock -= quantity;
    const steps = ['fraud', 'authorise', 'commit', 'confirm'];
    const money = 'none';
    this.orders.push({
      state: 'pending',
      quantity,
      token,
      steps,
      holds: true,
      asked: false,
      money,
      refunded: 0,
      refunds: [],
    });
    return 'placed';
  }

  cancel(index: number): 'ok' | 'order-closed' {
    const order = this.#at(index);
    if (order.state === 'dispatching' || order.state === 'dispatched') return 'order-closed';
    if (order.state === 'pending' || order.state === 'confirmed') this.#takeBack(order);
    return 'ok';
  }

  dispatch(index: number): 'ok' | 'order-closed' {
    const order = this.#at(index);
    if (order.state === 'confirmed') {
      order.state = 'dispatching';
      order.steps = ['capture', 'complete'];
    }
    return order.state === 'dispatching' || order.state === 'dispatched' ? 'ok' : 'order-closed';
  }

  refund(index: number, amount: number): 'ok' | 'order-closed' | 'refund-exceeds-capture' {
    const order = this.#at(index);
    if (order.state !== 'dispatched') return 'order-closed';
    const promised = order.refunds.reduce((sum, one) => sum + one, 0);
    if (order.refunded + promised + amount > order.quantity * this.price) return 'refund-exceeds-capture';
    order.refunds.push(amount);
    return 'ok';
  }

  /**
   * One step of the order's saga, with `through` also those that follow it and call nobody; of its oldest refund when that has none.
   * False when there is nothing to do.
   */
  work(index: number, through: boolean): boolean {
    const order = this.#at(index);
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
      this.stock += order.quantity;
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

  #at(index: number): Order {
    const order = this.orders[index];
    if (!order) throw new RangeError(`there is no order ${index}`);
    return order;
  }
}
