import { Easy11Error } from '../errors';
import { throwIfAborted } from '../jobs/run-job';
import { abortError } from '../errors';
import { Kind, Outcome, type Stored } from './engine';
import { decodeError, encodeError } from './error-transfer';
import type { FetchMethod } from './types';
import { decode, encode } from './values';

export interface Setting {
  readonly ttl: number;
  readonly tags: string | undefined;
}

/** What a Fetcher needs of its cache. */
export interface FetcherHost<V> {
  join(key: string, anyway: boolean): number;
  land(flight: number, outcome: number, kind: number, value: Stored | undefined): void;
  /** A fresh value. */
  peek(key: string): V | undefined;
  /** Sets it, unless it is too large. Throws ERR_EASY11_INVALID_VALUE. */
  keep(key: string, value: V, setting: Setting): void;
  readonly onRefreshError?: (error: unknown, key: string) => void;
}

interface Landing {
  readonly outcome: number;
  readonly kind: number;
  readonly value: Stored | undefined;
}

/** One loading that callers of this handle wait for. */
interface Loading<V> {
  readonly promise: Promise<V | undefined>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Single flight: of the callers of one handle by a map, of all handles and threads by the engine's flights. Whoever joins
 * first loads; should it give up or die, one of those who wait takes over.
 */
export class Fetcher<V> {
  readonly #host: FetcherHost<V>;
  readonly #loading = new Map<string, Loading<V>>();
  readonly #landings = new Map<number, { resolve(landing: Landing): void; reject(error: Easy11Error): void }>();
  #closed = false;

  constructor(host: FetcherHost<V>) {
    this.#host = host;
  }

  /** Loads a key that is not there, or joins whoever does. */
  async load(
    key: string,
    method: FetchMethod<V>,
    setting: Setting,
    signal: AbortSignal | undefined,
    anyway: boolean,
  ): Promise<V | undefined> {
    const loading = this.#loading.get(key) ?? this.#start(key, method, setting, undefined, anyway);
    loading.waiting++;
    let abort: (() => void) | undefined;
    try {
      if (signal === undefined) return await loading.promise;
      const aborted = new Promise<never>((_, reject) => {
        abort = () => reject(abortError(signal));
        signal.addEventListener('abort', abort, { once: true });
      });
      return await Promise.race([loading.promise, aborted]);
    } finally {
      if (abort !== undefined) signal?.removeEventListener('abort', abort);
      if (--loading.waiting === 0) loading.controller.abort();
    }
  }

  /** Loads a stale key anew beside, unless that is under way. */
  refresh(key: string, method: FetchMethod<V>, setting: Setting, stale: V): void {
    if (this.#loading.has(key)) return;
    const loading = this.#start(key, method, setting, stale, false);
    loading.waiting++;
    loading.promise.catch((error: unknown) => {
      if (!this.#closed) this.#host.onRefreshError?.(error, key);
    });
  }

  landed(flight: number, outcome: number, kind: number, value: Stored | undefined): void {
    const landing = this.#landings.get(flight);
    this.#landings.delete(flight);
    landing?.resolve({ outcome, kind, value });
  }

  close(): void {
    this.#closed = true;
    for (const { controller } of this.#loading.values()) controller.abort();
    for (const { reject } of this.#landings.values()) reject(closedError());
    this.#landings.clear();
  }

  #start(key: string, method: FetchMethod<V>, setting: Setting, stale: V | undefined, anyway: boolean): Loading<V> {
    const controller = new AbortController();
    const promise = this.#run(key, method, setting, controller.signal, stale, anyway).finally(() => {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    });
    // Whoever waits has a promise of its own; without anyone left, nobody is to be told.
    promise.catch(() => undefined);
    const loading: Loading<V> = { promise, controller, waiting: 0 };
    controller.signal.addEventListener('abort', () => {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    });
    this.#loading.set(key, loading);
    return loading;
  }

  async #run(
    key: string,
    method: FetchMethod<V>,
    setting: Setting,
    signal: AbortSignal,
    stale: V | undefined,
    anyway: boolean,
  ): Promise<V | undefined> {
    for (;;) {
      const flight = this.#host.join(key, anyway);
      if (flight > 0) return this.#lead(flight, key, method, setting, signal, stale);
      if (flight === 0) {
        const value = this.#host.peek(key);
        if (value !== undefined) return value;
      } else {
        const { outcome, kind, value } = await new Promise<Landing>((resolve, reject) => {
          this.#landings.set(-flight, { resolve, reject });
        });
        if (outcome === Outcome.VALUE) return decode(kind, value as Stored) as V;
        if (outcome === Outcome.NOTHING) return undefined;
        if (outcome === Outcome.FAILED) throw decodeError(value as string);
      }
      if (this.#closed) throw closedError();
      throwIfAborted(signal);
    }
  }

  async #lead(
    flight: number,
    key: string,
    method: FetchMethod<V>,
    setting: Setting,
    signal: AbortSignal,
    stale: V | undefined,
  ): Promise<V | undefined> {
    let value: V | undefined;
    try {
      value = await method(key, { signal, staleValue: stale });
      if (value !== undefined) this.#host.keep(key, value, setting);
    } catch (error) {
      // Given up by those who waited here: others may still want it.
      if (signal.aborted) this.#host.land(flight, Outcome.ABANDONED, Kind.NONE, undefined);
      else this.#host.land(flight, Outcome.FAILED, Kind.JSON, encodeError(error));
      if (this.#closed) throw closedError();
      throw error;
    }
    if (value === undefined) {
      this.#host.land(flight, Outcome.NOTHING, Kind.NONE, undefined);
    } else {
      const { kind, stored } = encode(value);
      this.#host.land(flight, Outcome.VALUE, kind, stored);
    }
    if (this.#closed) throw closedError();
    return value;
  }
}

function closedError(): Easy11Error {
  return new Easy11Error('ERR_EASY11_CLOSED', 'The cache was closed');
}
