import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks';

/** How much a process has to do: 0 is well, 1 busy, 2 overloaded, 3 drowning. */
export type LoadLevel = 0 | 1 | 2 | 3;

/** What was seen of the event loop over some 50 ms. */
export interface LoadSample {
  /** How late a timer was, at the 90th percentile. */
  readonly delayMs: number;
  /** The share of the time in which the loop worked, 0 to 1. */
  readonly utilisation: number;
}

/** Below this a late timer is somebody else's doing, or one long step: to refuse requests would not help. */
const BUSY = 0.8;

/**
 * Turns samples into a level: 1 from `thresholdMs` of delay, 2 from twice and 3 from four times as much, while the loop is
 * also busy. It follows a rise within a few samples and a fall more slowly, so that the level does not flutter.
 */
export class LoadMeter {
  #delayMs = 0;
  #utilisation = 0;

  constructor(private readonly thresholdMs: number) {}

  observe({ delayMs, utilisation }: LoadSample): void {
    const weight = delayMs > this.#delayMs ? 0.5 : 0.2;
    this.#delayMs += (delayMs - this.#delayMs) * weight;
    this.#utilisation += (utilisation - this.#utilisation) * 0.5;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  get level(): LoadLevel {
    if (this.#utilisation < BUSY || this.#delayMs < this.thresholdMs) return 0;
    if (this.#delayMs < 2 * this.thresholdMs) return 1;
    return this.#delayMs < 4 * this.thresholdMs ? 2 : 3;
  }
}

const SAMPLE_MS = 50;
const RESOLUTION_MS = 10;

/**
 * Feeds a meter from this process's event loop every 50 ms, until closed. `waitMs` is how long a request has waited for its turn:
 * that is delay too. Does not keep the process alive.
 */
export function startLoadSampling(meter: LoadMeter, waitMs: () => number = () => 0): { close(): void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    // The histogram counts the pause between two looks: what goes beyond its resolution is delay.
    const late = histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(90) / 1e6 - RESOLUTION_MS);
    const delayMs = Math.max(late, waitMs());
    meter.observe({ delayMs, utilisation: performance.eventLoopUtilization(now, before).utilization });
    histogram.reset();
    before = now;
  }, SAMPLE_MS).unref();
  return {
    close: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
