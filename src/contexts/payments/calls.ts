import { setMaxListeners } from 'node:events';
import type { Clock } from '../../kernel/clock';
import type { Money } from '../../kernel/money';
import { BreakerOpen, CircuitBreaker, type BreakerState } from '../../platform/resilience/breaker';
import { Bulkhead, BulkheadFull } from '../../platform/resilience/bulkhead';
import {
  GatewayRefused,
  GatewayUnavailable,
  keyOf,
  type Gateway,
  type ProviderPayment,
  type RefundedPayment,
  type UnavailableReason,
} from './gateway';
import type { PaymentView } from './types';

/** Calls that may be on their way to the provider at once, and that may wait for a place. */
const AT_ONCE = 32;
const WAITING = 64;
/** Shorter than the lease of the saga that waits for it: there must be time to write down that nothing was heard. */
const TIMEOUT_MS = 3_500;

/** What says that the provider is ill. The other reasons are about us. */
const ILL: readonly UnavailableReason[] = ['timeout', 'connection', 'server-error'];

export interface CallOptions {
  /** How long an answer is waited for. Default 3.5 s. */
  readonly timeoutMs?: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly random?: () => number;
}

export interface CallStatus {
  readonly breaker: BreakerState;
  readonly opened: number;
  readonly running: number;
  readonly waiting: number;
}

/**
 * Calls to the provider, outside of any transaction: each with its deterministic key, a time limit, a place in the bulkhead and
 * the circuit breaker's leave. They throw GatewayUnavailable (ambiguous: repeat the same call) or GatewayRefused.
 */
export class ProviderCalls {
  readonly #breaker: CircuitBreaker;
  readonly #bulkhead = new Bulkhead({ limit: AT_ONCE, queue: WAITING });
  readonly #timeoutMs: number;

  constructor(
    private readonly gateway: Gateway,
    { timeoutMs = TIMEOUT_MS, clock, random }: CallOptions,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#breaker = new CircuitBreaker({
      clock,
      ...(random && { random }),
      judge: (error) => {
        if (!(error instanceof GatewayUnavailable)) return error instanceof GatewayRefused ? 'answer' : 'neither';
        return ILL.includes(error.reason) ? 'failure' : 'neither';
      },
    });
  }

  status(): CallStatus {
    return {
      breaker: this.#breaker.state,
      opened: this.#breaker.opened,
      running: this.#bulkhead.running,
      waiting: this.#bulkhead.waiting,
    };
  }

  async authorise(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment> {
    this.#assertOurs(payment);
    const { orderId, amount, method, token, returnUrl } = payment;
    const openedAt = new Date(payment.createdAt);
    const request = { key: keyOf.authorise(payment), orderId, amount, method, token, returnUrl, openedAt };
    return this.#call((limit) => this.gateway.authorise(request, limit), signal);
  }

  async capture(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment> {
    const known = await this.#known(payment, signal);
    if (typeof known !== 'string') return known;
    const call = { key: keyOf.capture(payment), providerId: known, amount: payment.amount };
    return this.#call((limit) => this.gateway.capture(call, limit), signal);
  }

  /** Releases what is authorised or pending. A payment that is captured stays so, and says so: refund it. */
  async void(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment> {
    const known = await this.#known(payment, signal);
    if (typeof known !== 'string') return known;
    const call = { key: keyOf.void(payment), providerId: known };
    return this.#call((limit) => this.gateway.void(call, limit), signal);
  }

  async refund(
    payment: PaymentView,
    refund: { readonly id: string; readonly amount: Money },
    signal?: AbortSignal,
  ): Promise<RefundedPayment> {
    this.#assertOurs(payment);
    if (payment.providerId === null) throw new GatewayRefused('not-captured', `${payment.id} was never captured`);
    const call = {
      key: keyOf.refund(payment, refund.id),
      providerId: payment.providerId,
      refundId: refund.id,
      amount: refund.amount,
    };
    return this.#call((limit) => this.gateway.refund(call, limit), signal);
  }

  /** The payment as the provider has it now; undefined when it has none. */
  async find(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment | undefined> {
    this.#assertOurs(payment);
    const wanted = { key: keyOf.authorise(payment), providerId: payment.providerId };
    return this.#call((limit) => this.gateway.find(wanted, limit), signal);
  }

  /** The refund as the provider has it now; undefined when it never heard of it. */
  async findRefund(payment: PaymentView, refundId: string, signal?: AbortSignal): Promise<RefundedPayment | undefined> {
    this.#assertOurs(payment);
    const { providerId } = payment;
    if (providerId === null) return undefined;
    const call = { key: keyOf.refund(payment, refundId), providerId, refundId };
    return this.#call((limit) => this.gateway.findRefund(call, limit), signal);
  }

  /**
   * The provider's id of a payment, or what the payment is where nothing can be done to it. Where the authorisation's end was
   * never heard, it is asked for again with its key: only then is it known what there is to capture or release.
   */
  async #known(payment: PaymentView, signal: AbortSignal | undefined): Promise<string | ProviderPayment> {
    this.#assertOurs(payment);
    if (payment.providerId !== null) return payment.providerId;
    const result = await this.authorise(payment, signal);
    return result.status === 'declined' ? result : result.providerId;
  }

  /** A shop that has changed its provider knows nothing of the money that lies with the old one. */
  #assertOurs({ id, provider }: PaymentView): void {
    if (provider !== this.gateway.provider)
      throw new GatewayUnavailable('other-provider', `${id} lies with ${provider}, which is not called here`);
  }

  async #call<T>(call: (limit: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    // The limit runs from the call on, so that the wait for a place is not the provider's fault.
    const guarded = (): Promise<T> => this.#breaker.run(() => limited(call, this.#timeoutMs, signal));
    try {
      // Before the wait for a place too: whoever is going to be refused does not queue behind calls that hang.
      this.#breaker.assertAdmits();
      return await this.#bulkhead.run(guarded, signal);
    } catch (error) {
      if (error instanceof BreakerOpen) {
        const { message, retryAfterMs } = error;
        throw new GatewayUnavailable('breaker-open', message, { cause: error, retryAfterMs });
      }
      if (error instanceof BulkheadFull) throw new GatewayUnavailable('busy', error.message, { cause: error });
      if (signal?.aborted && !(error instanceof GatewayUnavailable))
        throw new GatewayUnavailable('given-up', 'the caller gave up', { cause: error });
      throw error;
    }
  }
}

/** Makes a call that ends with the time limit or the caller's signal. Both are GatewayUnavailable: it may have happened. */
async function limited<T>(
  call: (limit: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const limit = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    limit.abort(new Error(`no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  // Linked by hand: AbortSignal.any leaves something behind in a signal that outlives many calls, as a loop's does.
  const giveUp = (): void => limit.abort(signal?.reason);
  if (signal) setMaxListeners(0, signal);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await call(limit.signal);
  } catch (error) {
    if (error instanceof GatewayRefused) throw error;
    if (late) throw new GatewayUnavailable('timeout', `no answer within ${timeoutMs} ms`, { cause: error });
    if (signal?.aborted) throw new GatewayUnavailable('given-up', 'the caller gave up', { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
