import { closeSync, openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late timers come in a phase, milliseconds. */
export interface LoopDelay {
  readonly what: string;
  readonly seconds: number;
  readonly p99: number;
  readonly longest: number;
  /** The most time of the processor that the thread took between two timers: what of the longest is its own. Null but on Linux. */
  readonly worked: number | null;
}

const RESOLUTION = 1;

/** Delays of this process's event loop, in one phase after the other. */
export class Delays {
  readonly all: LoopDelay[] = [];
  readonly #monitor = monitorEventLoopDelay({ resolution: RESOLUTION });
  readonly #clock = process.platform === 'linux' ? new ThreadClock() : undefined;
  readonly #ticking: NodeJS.Timeout | undefined;
  #what: string | undefined;
  #began = 0;
  #worked = 0;
  #last = 0;

  constructor() {
    if (this.#clock) this.#ticking = setInterval(() => this.#tick(), RESOLUTION).unref();
  }

  enter(what: string | undefined): void {
    if (what === this.#what) return;
    const monitor = this.#monitor;
    monitor.disable();
    this.#tick();
    if (this.#what !== undefined) {
      const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
      const seconds = (performance.now() - this.#began) / 1_000;
      const worked = this.#clock ? this.#worked : null;
      this.all.push({ what: this.#what, seconds, p99: ms(monitor.percentile(99)), longest: ms(monitor.max), worked });
      console.error(JSON.stringify(this.all.at(-1)));
    }
    monitor.reset();
    if (what !== undefined) monitor.enable();
    [this.#what, this.#began, this.#worked] = [what, performance.now(), 0];
  }

  close(): void {
    clearInterval(this.#ticking);
    this.#clock?.close();
  }

  #tick(): void {
    if (!this.#clock) return;
    const now = this.#clock.read();
    this.#worked = Math.max(this.#worked, now - this.#last);
    this.#last = now;
  }
}

/** Time that the first thread of this process has had of the processor, to a tick of the scheduler (4 ms at most, as a rule). */
class ThreadClock {
  readonly #file = openSync('/proc/self/schedstat', 'r');
  readonly #buffer = Buffer.alloc(64);

  /** Milliseconds. */
  read(): number {
    const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
    return Number(this.#buffer.toString('latin1', 0, length).split(' ')[0]) / 1e6;
  }

  close(): void {
    closeSync(this.#file);
  }
}
