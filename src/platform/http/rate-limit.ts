import { systemClock, type Clock } from '../../kernel/clock';

/** What a client may still do. */
export interface Allowance {
  readonly allowed: boolean;
  /** Whole requests left at once. */
  readonly remaining: number;
  /** Seconds until the bucket is full again. */
  readonly reset: number;
  /** Seconds until the next request is allowed; 0 when it is now. */
  readonly retryAfter: number;
}

export interface RateLimiterOptions {
  /** Requests per second that a client may sustain. */
  readonly rate: number;
  /** Requests that it may send at once after a pause. */
  readonly burst: number;
  readonly clock?: Clock;
  /** Buckets kept at most: when strangers are more, all begin anew, for memory is the greater good. */
  readonly mostClients?: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * A token bucket for each client: full at first, one token a request, `rate` tokens a second come back. Two generations of
 * buckets: one that was not asked for while a bucket fills up is full, and is forgotten. O(1) a request.
 */
export class RateLimiter {
  readonly #rate: number;
  readonly #burst: number;
  readonly #clock: Clock;
  readonly #mostClients: number;
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();
  #turnedAt: number;

  constructor({ rate, burst, clock = systemClock, mostClients = 100_000 }: RateLimiterOptions) {
    if (!(rate > 0) || !(burst >= 1)) throw new RangeError('rate must be above 0, and burst 1 or more');
    [this.#rate, this.#burst, this.#clock, this.#mostClients] = [rate, burst, clock, mostClients];
    this.#turnedAt = clock.now();
  }

  /** The policy in the words of the IETF draft on RateLimit headers: so many requests in so many seconds. */
  get policy(): string {
    return `"default";q=${this.#burst};w=${Math.ceil(this.#burst / this.#rate)}`;
  }

  get clients(): number {
    return this.#young.size + this.#old.size;
  }

  /** Takes a token of the client's, if there is one. */
  take(client: string): Allowance {
    const bucket = this.#bucket(client);
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    return this.#allowance(bucket, allowed);
  }

  /** What the client has left, without taking from it. */
  look(client: string): Allowance {
    const bucket = this.#bucket(client);
    return this.#allowance(bucket, bucket.tokens >= 1);
  }

  #bucket(client: string): Bucket {
    const now = this.#clock.now();
    const fillMs = (this.#burst / this.#rate) * 1000;
    if (now - this.#turnedAt >= fillMs || this.#young.size >= this.#mostClients) {
      this.#old = now - this.#turnedAt >= 2 * fillMs ? new Map() : this.#young;
      this.#young = new Map();
      this.#turnedAt = now;
    }
    const known = this.#young.get(client) ?? this.#old.get(client);
    const bucket = known ?? { tokens: this.#burst, at: now };
    // A clock that is set back must not take tokens away.
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * this.#rate);
    bucket.at = now;
    if (!known || this.#old.delete(client)) this.#young.set(client, bucket);
    return bucket;
  }

  #allowance({ tokens }: Bucket, allowed: boolean): Allowance {
    return {
      allowed,
      remaining: Math.floor(tokens),
      reset: Math.ceil((this.#burst - tokens) / this.#rate),
      retryAfter: allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) / this.#rate)),
    };
  }
}
