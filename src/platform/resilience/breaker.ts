import type { Clock } from '../../kernel/clock';

/** Closed: calls go through. Open: none does. Half-open: one does, and its end decides. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** How a call's error counts: against the other side, as an answer of it, or (given up by us) not at all. */
export type Verdict = 'failure' | 'answer' | 'neither';

export interface BreakerOptions {
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number;
  /** How long it stays open. Default 30 s. */
  readonly openMs?: number;
  /** Added at random to that, so that processes do not probe all at once. Default 5 s at most. */
  readonly jitterMs?: number;
  readonly judge: (error: unknown) => Verdict;
  readonly clock: Pick<Clock, 'now'>;
  readonly random?: () => number;
}

/** The call was not made: the breaker is open. `retryAfterMs` is when a probe may go, 0 while one is on its way. */
export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen';

  constructor(readonly retryAfterMs: number) {
    super('The circuit breaker is open');
  }
}

/**
 * A circuit breaker (Nygard, Release It!): a dependency that has failed so often in a row is left alone for a while, then one
 * call tries it. Callers are told at once instead of waiting for a timeout each.
 */
export class CircuitBreaker {
  readonly #options: Required<BreakerOptions>;
  #failuresInRow = 0;
  #openUntil: number | undefined;
  #probing = false;
  #opened = 0;

  constructor(options: BreakerOptions) {
    this.#options = { failures: 5, openMs: 30_000, jitterMs: 5_000, random: Math.random, ...options };
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return this.#probing || this.#options.clock.now() >= this.#openUntil ? 'half-open' : 'open';
  }

  /** How often it has opened. */
  get opened(): number {
    return this.#opened;
  }

  /** Throws BreakerOpen where a call would not be made now; a probe may still come in between. */
  assertAdmits(): void {
    if (this.#openUntil === undefined) return;
    const left = this.#openUntil - this.#options.clock.now();
    if (left > 0 || this.#probing) throw new BreakerOpen(Math.max(0, left));
  }

  /** Makes the call, or throws BreakerOpen without making it. Throws whatever the call throws. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const probe = this.#admit();
    try {
      const result = await call();
      this.#settle('answer', probe);
      return result;
    } catch (error) {
      this.#settle(this.#options.judge(error), probe);
      throw error;
    }
  }

  /** Whether the call is the probe. Throws BreakerOpen. */
  #admit(): boolean {
    this.assertAdmits();
    if (this.#openUntil === undefined) return false;
    this.#probing = true;
    return true;
  }

  #settle(verdict: Verdict, probe: boolean): void {
    if (probe) this.#probing = false;
    // A call from before it opened says nothing about now.
    else if (this.#openUntil !== undefined) return;
    if (verdict === 'neither') return;
    if (verdict === 'answer') {
      this.#failuresInRow = 0;
      this.#openUntil = undefined;
      return;
    }
    this.#failuresInRow++;
    const { failures, openMs, jitterMs, clock, random } = this.#options;
    if (!probe && this.#failuresInRow < failures) return;
    this.#opened++;
    this.#openUntil = clock.now() + openMs + random() * jitterMs;
  }
}
