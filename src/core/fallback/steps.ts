import { EngineStatus, type Job } from '../jobs/job';

/**
 * Work in small steps: a generator that yields every fraction of a millisecond, so that whoever drives it can let the
 * event loop breathe. The hot loops are plain functions over a piece of the work; only their callers are generators.
 */
export type Steps<T> = Generator<void, T, void>;

/** How long steps run before the event loop gets its turn. */
const SLICE_MILLISECONDS = 3;

/** Thrown into a job's own code when it was cancelled; never leaves this folder. */
export class Cancelled extends Error {
  constructor() {
    super('The job was cancelled');
    this.name = 'Cancelled';
  }
}

/** A job's failure with the status it ends in; never leaves this folder. */
export class Failure extends Error {
  constructor(
    readonly status: EngineStatus,
    message: string,
  ) {
    super(message);
    this.name = 'Failure';
  }
}

/** Whether a job was asked to stop. */
export class Cancellation {
  cancelled = false;

  check(): void {
    if (this.cancelled) throw new Cancelled();
  }
}

/** Runs steps until they end or the time is over; undefined when they have not ended. */
export function runFor<T>(steps: Steps<T>, milliseconds: number): { value: T } | undefined {
  const end = performance.now() + milliseconds;
  do {
    const step = steps.next();
    if (step.done) return { value: step.value };
  } while (performance.now() < end);
  return undefined;
}

/** Runs steps to their end at once. */
export function runNow<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Resolves at the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs steps to their end, a slice per turn of the event loop. Throws Cancelled between slices. */
export async function runInSlices<T>(steps: Steps<T>, cancellation: Cancellation): Promise<T> {
  for (;;) {
    cancellation.check();
    const end = runFor(steps, SLICE_MILLISECONDS);
    // What is done is done: a cancellation that comes with the last slice comes too late.
    if (end) return end.value;
    await nextTurn();
  }
}

function statusOf(error: unknown): EngineStatus {
  if (error instanceof Cancelled) return EngineStatus.CANCELLED;
  if (error instanceof Failure) return error.status;
  // Told by name: inside Jest the realm of a RangeError or of a system error is not ours.
  const { name, code, syscall } = error as { name?: string; code?: string; syscall?: string };
  if (syscall !== undefined) return EngineStatus.IO;
  if (name === 'RangeError' && code === undefined) return EngineStatus.OUT_OF_MEMORY;
  return code === undefined ? EngineStatus.INTERNAL : EngineStatus.IO;
}

/** Starts `work` at the next turn of the event loop; its promise resolves to a status, whatever happens. */
export function startJob(work: (cancellation: Cancellation) => Promise<void>, onEnd: (job: Job) => void): Job {
  const cancellation = new Cancellation();
  const run = async (): Promise<EngineStatus> => {
    try {
      await nextTurn();
      cancellation.check();
      await work(cancellation);
      return EngineStatus.OK;
    } catch (error) {
      return statusOf(error);
    } finally {
      onEnd(job);
    }
  };
  const job: Job = {
    cancel: () => {
      cancellation.cancelled = true;
    },
    get done() {
      return done;
    },
  };
  const done = run();
  return job;
}
