import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isNativeError } from 'node:util/types';
import { abortError, Easy11Error } from '../errors';
import { show } from '../show';
import { EngineStatus, type Job } from './job';

type Report = (done: number, total: number) => void;

/** What every long operation of an engine takes. */
export interface JobOptions<P> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: P) => void;
}

/**
 * Runs a job of an engine to its end: hands on its progress, cancels it when the signal is aborted or when the caller's
 * `onProgress` throws (whose error it then throws), and turns its status into an error.
 */
export async function runJob<P>(
  start: (report: Report) => Job,
  options: JobOptions<P>,
  progressOf: (done: number, total: number) => P,
  explain: (status: EngineStatus) => Promise<Easy11Error>,
): Promise<void> {
  const { signal, onProgress } = options;
  throwIfAborted(signal);
  const running: { job?: Job } = {};
  let thrown: { readonly error: unknown } | undefined;
  const cancel = (): void => running.job?.cancel();
  running.job = start((done, total) => {
    if (onProgress === undefined || thrown !== undefined) return;
    try {
      onProgress(progressOf(done, total));
    } catch (error) {
      thrown = { error };
      cancel();
    }
  });
  // Its first report may have come before there was a job to cancel.
  if (thrown !== undefined || signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  let status: EngineStatus;
  try {
    status = await running.job.done;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  if (thrown !== undefined) throw (thrown as { readonly error: unknown }).error;
  if (status === EngineStatus.OK) return;
  if (status === EngineStatus.CANCELLED) throwIfAborted(signal);
  throw await explain(status);
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

export function checkJobOptions<P>(options: JobOptions<P>): void {
  if (typeof options !== 'object' || options === null) {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `Options must be an object, not ${show(options)}`);
  }
  if (options.signal !== undefined && !(typeof options.signal === 'object' && 'aborted' in options.signal)) {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `signal must be an AbortSignal, not ${show(options.signal)}`);
  }
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
    throw new Easy11Error(
      'ERR_EASY11_INVALID_OPTION',
      `onProgress must be a function, not ${show(options.onProgress)}`,
    );
  }
}

export function checkPath(path: string): void {
  if (typeof path !== 'string' || path.length === 0 || path.includes('\0')) {
    throw new Easy11Error(
      'ERR_EASY11_INVALID_OPTION',
      `A snapshot's path must be a non-empty string, not ${show(path)}`,
    );
  }
}

/** The error for a status of a build. */
export async function buildError(status: EngineStatus): Promise<Easy11Error> {
  return Promise.resolve(generalError(status, 'The build'));
}

/** The error for a status of loading or saving `path`; the file system is asked why, where it knows. `engine` is such as 'an Autocomplete'. */
export async function snapshotError(
  status: EngineStatus,
  path: string,
  verb: 'load' | 'save',
  engine: string,
): Promise<Easy11Error> {
  if (status === EngineStatus.CORRUPT) {
    return new Easy11Error(
      'ERR_EASY11_CORRUPT_SNAPSHOT',
      `${path} is not a snapshot of ${engine}, or it is damaged: build it again`,
    );
  }
  if (status === EngineStatus.VERSION) {
    return new Easy11Error(
      'ERR_EASY11_SNAPSHOT_VERSION',
      `${path} was written by another version of the snapshot format: build ${engine} again`,
    );
  }
  if (status !== EngineStatus.IO) return generalError(status, verb === 'load' ? 'Loading' : 'Saving');
  const cause = await whyUnreachable(verb === 'load' ? path : dirname(path));
  const reason = cause === undefined ? '' : `: ${cause.message}`;
  return new Easy11Error('ERR_EASY11_IO', `Cannot ${verb} ${path}${reason}`, cause === undefined ? {} : { cause });
}

function generalError(status: EngineStatus, what: string): Easy11Error {
  return status === EngineStatus.OUT_OF_MEMORY
    ? new Easy11Error('ERR_EASY11_OUT_OF_MEMORY', `${what} ran out of memory`)
    : new Easy11Error('ERR_EASY11_INTERNAL', `${what} failed inside the engine with status ${status}`);
}

async function whyUnreachable(path: string): Promise<Error | undefined> {
  try {
    await stat(path);
    return undefined;
  } catch (error) {
    // Not instanceof: an error of the platform is of another realm inside Jest and vm.
    return isNativeError(error) ? error : new Error(String(error));
  }
}
