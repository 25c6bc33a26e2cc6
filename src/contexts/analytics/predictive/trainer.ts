import { Worker } from 'node:worker_threads';
import path from 'node:path';
import type { Kind } from '../store/models';
import type { LearningOptions, Learnt, LearntScore } from './learning';

/** What the thread is started with: files of Parquet, see trainer-thread.ts. */
export interface Lessons {
  readonly purchases: string;
  readonly revenue: string;
  /** A folder for what does not fit into DuckDB's memory. */
  readonly spill: string;
  readonly options: LearningOptions;
}

export type LessonMessage =
  | { readonly progress: string }
  | { readonly kind: Kind; readonly learnt: Omit<Learnt, 'scores'> }
  | { readonly kind: Kind; readonly missing: string }
  | { readonly kind: Kind; readonly scores: readonly LearntScore[] };

/**
 * Learns in a thread of its own, so that the event loop of the shop is never held. Messages are handed to `onMessage` one at a time,
 * in their order. Rejects with what the thread or `onMessage` throws; the signal ends the thread.
 */
export async function learnInThread(
  lessons: Lessons,
  onMessage: (message: LessonMessage) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const thread = startThread(lessons);
  let handled: Promise<void> = Promise.resolve();
  const end = (): void => void thread.terminate();
  signal.addEventListener('abort', end, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      thread.on('message', (message: LessonMessage) => {
        handled = handled.then(() => onMessage(message));
        handled.catch((error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)));
          end();
        });
      });
      thread.once('error', reject);
      thread.once('exit', (code) => {
        if (signal.aborted) reject(new Error('The training was given up'));
        else if (code !== 0) reject(new Error(`The thread of the training ended with ${code}`));
        else resolve();
      });
    });
    await handled;
  } finally {
    signal.removeEventListener('abort', end);
    await thread.terminate();
  }
}

/** The program of the thread: compiled under `npm start`; under a test TypeScript, which a thread has to be taught to read first. */
function startThread(workerData: Lessons): Worker {
  const program = path.join(__dirname, `trainer-thread${path.extname(__filename)}`);
  if (program.endsWith('.js')) return new Worker(program, { workerData });
  const teach = `require(${JSON.stringify(require.resolve('tsx/cjs'))}); require(${JSON.stringify(program)});`;
  return new Worker(teach, { eval: true, workerData });
}
