import type { ChildProcess } from 'node:child_process';
import type { Log } from '../../platform/log';
import { forkProgram } from '../../platform/programs';
import type { Row, Scalar } from './duckdb';
import type { Run } from './store/runs';
import type { FileFormat } from './worker';

/**
 * The worker as a process of its own, at a low priority: a build or a question that takes all of its memory, or dies, takes nothing
 * from the shop. It is started when it is first needed, again after it has died, and ends when nothing has been asked of it for a
 * while.
 */
export interface AnalyticsProcess {
  run(): Promise<Run | undefined>;
  query<T extends Row = Row>(sql: string, parameters?: readonly Scalar[]): Promise<T[]>;
  save(sql: string, format: FileFormat): Promise<string>;
  /** Undefined while none runs. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

/** What the process is told at its start: by message, for the address has a password. */
export interface WorkerSettings {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly memoryMb: number;
  readonly threads: number;
}

export interface ProcessOptions {
  /** The program: it must end up in serveWorker. Without an extension. */
  readonly program: string;
  readonly settings: WorkerSettings;
  readonly log: Log;
  readonly onProgress?: (sentence: string) => void;
  /** Milliseconds without a question after which it ends. */
  readonly idleMs?: number;
}

export type Question =
  | { readonly id: number; readonly ask: 'open'; readonly settings: WorkerSettings }
  | { readonly id: number; readonly ask: 'run' }
  | { readonly id: number; readonly ask: 'query'; readonly sql: string; readonly parameters: readonly Scalar[] }
  | { readonly id: number; readonly ask: 'save'; readonly sql: string; readonly format: FileFormat };

export type Message =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly progress: string };

/** What the process could not do, or that it died over it. */
export class AnalyticsError extends Error {
  override readonly name = 'AnalyticsError';
}

/** The process has died, or could not be started. */
export class AnalyticsGone extends AnalyticsError {}

const IDLE_MS = 5 * 60_000;

export function startAnalyticsProcess({
  program,
  settings,
  log,
  onProgress,
  idleMs = IDLE_MS,
}: ProcessOptions): AnalyticsProcess {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let child:
    { readonly process: ChildProcess; readonly opened: Promise<unknown>; readonly ended: Promise<void> } | undefined;
  let questions = 0;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  const send = (to: ChildProcess, question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(question.id, { resolve, reject });
      to.send(question, (error) => {
        if (error && waiting.delete(question.id)) reject(new AnalyticsGone(error.message, { cause: error }));
      });
    });

  const start = (): NonNullable<typeof child> => {
    const started = forkProgram({ program, log, name: 'Analytics' });
    started.on('message', (message: Message) => {
      if ('progress' in message) return onProgress?.(message.progress);
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) asked?.reject(new AnalyticsError(message.error));
      else asked?.resolve(message.result);
    });
    const ended = new Promise<void>((resolve) => {
      const gone = (reason: string): void => {
        if (child?.process === started) child = undefined;
        for (const { reject } of waiting.values())
          reject(new AnalyticsGone(`the process of analytics ended: ${reason}`));
        waiting.clear();
        resolve();
      };
      started.once('error', (error) => gone(error.message));
      started.once('exit', (code, signal) => gone(String(signal ?? code)));
    });
    const opened = send(started, { id: ++questions, ask: 'open', settings });
    opened.catch(() => undefined); // whoever asks something sees the error
    return { process: started, opened, ended };
  };

  const end = async (): Promise<void> => {
    const last = child;
    child = undefined;
    if (last?.process.connected) last.process.disconnect(); // it ends when it is alone
    await last?.ended;
  };

  const ask = async (make: (id: number) => Question): Promise<unknown> => {
    if (closed) throw new AnalyticsError('analytics is closed');
    clearTimeout(idle);
    const current = (child ??= start());
    await current.opened;
    try {
      return await send(current.process, make(++questions));
    } finally {
      clearTimeout(idle);
      if (waiting.size === 0 && !closed) idle = setTimeout(() => void end(), idleMs).unref();
    }
  };

  return {
    run: async () => (await ask((id) => ({ id, ask: 'run' }))) as Run | undefined,
    query: async <T extends Row>(sql: string, parameters: readonly Scalar[] = []) =>
      (await ask((id) => ({ id, ask: 'query', sql, parameters }))) as T[],
    save: async (sql, format) => (await ask((id) => ({ id, ask: 'save', sql, format }))) as string,
    get pid() {
      return child?.process.pid;
    },
    close: async () => {
      closed = true;
      clearTimeout(idle);
      await end();
    },
  };
}

/** The other side: answers the questions of the process that started this one, and ends with it. */
export function serveWorker(
  open: (
    settings: WorkerSettings,
    onProgress: (sentence: string) => void,
  ) => Promise<Pick<AnalyticsProcess, 'run' | 'query' | 'save'>>,
): void {
  const tell = (message: Message): void => {
    if (process.connected) process.send?.(message);
  };
  let worker: ReturnType<typeof open> | undefined;
  const answer = async (question: Question): Promise<unknown> => {
    if (question.ask === 'open') {
      worker = open(question.settings, (progress) => tell({ progress }));
      await worker;
      return null;
    }
    if (!worker) throw new AnalyticsError('not opened yet');
    const { run, query, save } = await worker;
    if (question.ask === 'run') return run();
    if (question.ask === 'query') return query(question.sql, question.parameters);
    return save(question.sql, question.format);
  };
  process.on('message', (question: Question) => {
    answer(question).then(
      (result) => tell({ id: question.id, result }),
      (error: unknown) => tell({ id: question.id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  // Whatever runs in DuckDB then is given up: what it was to become is written again by the next one.
  process.on('disconnect', () => process.exit(0));
}
