import type { Log } from '../../../platform/log';
import { forkProgram } from '../../../platform/programs';
import { Untrainable, type News, type Order, type Outcome, type Progress } from './training';

export interface TrainingProcessOptions {
  /** The program: it must end up in serveTraining. Without an extension. */
  readonly program: string;
  readonly log: Log;
  readonly onProgress: (progress: Progress) => void;
  /** Ends the process at once, in the middle of whatever it does: the training is given up. */
  readonly signal: AbortSignal;
}

/** A training that did not come to its end, or whose process died over it. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
}

/** The engine that trains is the one that answers. */
const ENGINE = ['EASY11_BACKEND', 'EASY11_ADDON_PATH'];

/**
 * Trains in a process of its own: what it does, and what memory it takes, the event loop and the heap of the shop never feel. Settles
 * when the process is gone. Rejects with Untrainable, with the signal's reason, or with TrainingError.
 */
export async function trainInProcess(
  order: Order,
  { program, log, onProgress, signal }: TrainingProcessOptions,
): Promise<Outcome> {
  signal.throwIfAborted();
  const child = forkProgram({ program, log, name: 'Training recommendations', further: ENGINE });
  const end = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  let last: Exclude<News, { readonly progress: Progress }> | undefined;
  let failure: Error | undefined;
  try {
    // Comes after the last message, and after the error too of a process that could not be started.
    const how = await new Promise<string>((resolve) => {
      child.on('message', (news: News) => {
        if ('progress' in news) onProgress(news.progress);
        else last = news;
      });
      child.on('error', (error) => (failure = error));
      child.once('close', (code, killed) => resolve(String(killed ?? code)));
      child.send(order, (error) => {
        if (error) failure ??= error;
      });
    });
    if (last && 'outcome' in last) return last.outcome;
    signal.throwIfAborted();
    if (last && 'untrainable' in last) throw new Untrainable(last.untrainable);
    if (last) throw Object.assign(new TrainingError(last.error), last.stack === undefined ? {} : { stack: last.stack });
    const why = failure === undefined || failure.message === '' ? how : `${how}, ${failure.message}`;
    throw new TrainingError(`The process of the training ended in the middle of it: ${why}`);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
