import type { Clock } from '../../kernel/clock';
import { Problem } from '../../kernel/errors';
import { BreakerOpen, CircuitBreaker, type BreakerState, type Verdict } from './breaker';
import { Bulkhead, BulkheadFull } from './bulkhead';

/** The call took longer than it may. Whether it has an end is not known. */
export class GuardTimeout extends Error {
  override readonly name = 'GuardTimeout';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export interface GuardOptions {
  /** Calls at once, and calls that may wait for a place. */
  readonly limit: number;
  readonly queue: number;
  /** How long a call may take, from when it has its place. */
  readonly timeoutMs: number;
  /** What an error says of the other side. A timeout is always a failure of it. */
  readonly judge: (error: unknown) => Verdict;
  readonly clock: Pick<Clock, 'now'>;
  readonly random?: () => number;
}

export interface GuardStatus {
  readonly breaker: BreakerState;
  readonly opened: number;
}

/**
 * Stands before something that requests wait for and can do without: so many calls at once, each with a time limit, and none for half a
 * minute after five in a row have failed. Who is refused is refused at once. Throws BreakerOpen, BulkheadFull, GuardTimeout, and what
 * the call throws.
 */
export class Guard {
  readonly #breaker: CircuitBreaker;
  readonly #bulkhead: Bulkhead;
  readonly #timeoutMs: number;

  constructor({ limit, queue, timeoutMs, judge, clock, random }: GuardOptions) {
    this.#bulkhead = new Bulkhead({ limit, queue });
    this.#timeoutMs = timeoutMs;
    this.#breaker = new CircuitBreaker({
      clock,
      ...(random && { random }),
      judge: (error) => (error instanceof GuardTimeout ? 'failure' : judge(error)),
    });
  }

  status(): GuardStatus {
    return { breaker: this.#breaker.state, opened: this.#breaker.opened };
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    // Before the wait for a place too: whoever is going to be refused does not queue behind calls that hang.
    this.#breaker.assertAdmits();
    return this.#bulkhead.run(() => this.#breaker.run(() => within(this.#timeoutMs, call)));
  }
}

async function within<T>(ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GuardTimeout(ms)), ms);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a guard has turned the call away, or given it up. */
export const isGuarded = (error: unknown): boolean =>
  error instanceof BreakerOpen || error instanceof BulkheadFull || error instanceof GuardTimeout;

/** What a client is told of a dependency that does not answer, and when it is worth asking again. */
export function notReady(detail: string, cause: unknown): Problem {
  const waitMs = cause instanceof BreakerOpen ? cause.retryAfterMs : 0;
  return new Problem('not-ready', detail, { cause, retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) });
}
