import type { Clock } from '../kernel/clock';
import type { Log } from './log';

/** What a background loop has to say about itself: for /readyz, metrics and the person on call. */
export interface LoopStatus {
  readonly name: string;
  /** Steps that succeeded. */
  readonly runs: number;
  readonly errors: number;
  /** Errors since the last success: 0 when all is well. */
  readonly consecutiveErrors: number;
  /** Milliseconds since the epoch. */
  readonly lastSuccessAt: number | undefined;
  readonly lastError: string | undefined;
}

export interface Loop {
  status(): LoopStatus;
  /** Ends the present pause between steps, or, during a step, the pause that would follow it. */
  wake(): void;
  /** Waits for the running step and ends. */
  close(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  /** Does a piece of work. Resolves to true when there is more to do at once. May throw: the loop goes on after a pause. */
  readonly step: (signal: AbortSignal) => Promise<boolean>;
  /** The pause after a step that found nothing more to do. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
}

const LEAST_PAUSE_MS = 100;
const GREATEST_PAUSE_MS = 5_000;

/** Exponential backoff with jitter: 50–100 % of `firstMs` × `factor`^(attempt-1), at most `mostMs`. The first attempt is 1. */
export function backoffMs(
  attempt: number,
  { firstMs, factor, mostMs }: { readonly firstMs: number; readonly factor: number; readonly mostMs: number },
  random: () => number = Math.random,
): number {
  return Math.min(mostMs, firstMs * factor ** (attempt - 1)) * (0.5 + random() / 2);
}

/** Runs `step` again and again until closed, through errors too: those are counted, logged and followed by a longer pause. */
export function runLoop({ name, step, idleMs, clock, log, random = Math.random }: LoopOptions): Loop {
  const closing = new AbortController();
  let pausing: AbortController | undefined;
  let woken = false;
  let [runs, errors, consecutiveErrors] = [0, 0, 0];
  let lastSuccessAt: number | undefined;
  let lastError: string | undefined;

  const pause = async (ms: number, wakeable: boolean): Promise<void> => {
    if (closing.signal.aborted || (wakeable && woken)) return;
    const controller = new AbortController();
    const end = (): void => controller.abort();
    if (wakeable) pausing = controller;
    closing.signal.addEventListener('abort', end, { once: true });
    await clock.sleep(ms, controller.signal);
    closing.signal.removeEventListener('abort', end);
    pausing = undefined;
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      woken = false;
      try {
        const more = await step(closing.signal);
        runs++;
        lastSuccessAt = clock.now();
        if (consecutiveErrors > 0) log.info({ loop: name, after: consecutiveErrors }, 'Background loop recovered');
        consecutiveErrors = 0;
        if (!more) await pause(idleMs, true);
      } catch (error) {
        errors++;
        consecutiveErrors++;
        lastError = error instanceof Error ? error.message || error.name : String(error);
        // The first, second, fourth, eighth … error of a row: enough to see, too few to drown the log.
        if (Number.isInteger(Math.log2(consecutiveErrors)))
          log.warn({ loop: name, err: error, consecutiveErrors }, 'Background loop failed; it will try again');
        const limits = { firstMs: LEAST_PAUSE_MS, factor: 2, mostMs: GREATEST_PAUSE_MS };
        // Not wakeable: a bell must not turn a failing loop into a hot one.
        await pause(backoffMs(consecutiveErrors, limits, random), false);
      }
    }
  };
  const running = run();

  return {
    status: () => ({ name, runs, errors, consecutiveErrors, lastSuccessAt, lastError }),
    wake: () => {
      woken = true;
      pausing?.abort();
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
