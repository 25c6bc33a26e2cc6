import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { StreamSettings } from '../../../src/contexts/tracking/stream';

/** Events of one request. */
export type Batch = readonly { readonly id: string }[];

/** Tracking in a process of its own, that may be killed. */
export interface TrackingChild {
  readonly url: string;
  /** SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts one on a database. Rejects where it ends before it listens. */
export async function startChild(database: string, stream?: StreamSettings): Promise<TrackingChild> {
  const script = path.join(__dirname, 'crash-child.ts');
  const given = ['--import', 'tsx', script, database, ...(stream ? [JSON.stringify(stream)] : [])];
  const started: ChildProcess = spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(started, 'exit');
  const ended = gone.then(([code]) => Promise.reject(new Error(`the child ended with ${code}`)));
  ended.catch(() => undefined); // tests kill it: only an end before it listens is a failure
  const [port] = (await Promise.race([once(started.stdout as NonNullable<ChildProcess['stdout']>, 'data'), ended])) as [
    Buffer,
  ];
  return {
    url: `http://127.0.0.1:${String(port).trim()}/v1/events:batch`,
    kill: async () => {
      started.kill('SIGKILL');
      await gone;
    },
  };
}

/** Undefined where it was not answered, or not with 200: nothing is known of the batch. */
export async function post(url: string, events: Batch): Promise<{ accepted: number; duplicates: number } | undefined> {
  try {
    const body = JSON.stringify({ events });
    const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    return answer.status === 200 ? ((await answer.json()) as { accepted: number; duplicates: number }) : undefined;
  } catch {
    return undefined; // the process died before it answered
  }
}

/**
 * Six clients send batches until they are not answered, so that the process dies while all but one have something under way: it is killed
 * after so many answers.
 */
export async function loadUntilKilled(
  child: TrackingChild,
  makeBatch: () => Batch,
  answers: number,
): Promise<{ acknowledged: Batch[]; all: Batch[] }> {
  const [acknowledged, all]: [Batch[], Batch[]] = [[], []];
  let dying: Promise<void> | undefined;
  const client = async (): Promise<void> => {
    for (;;) {
      const batch = makeBatch();
      all.push(batch);
      if (!(await post(child.url, batch))) return;
      acknowledged.push(batch);
      if (acknowledged.length >= answers) dying ??= child.kill();
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(client));
  await dying;
  return { acknowledged, all };
}
