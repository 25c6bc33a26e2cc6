import { rm } from 'node:fs/promises';
import type { Clock } from '../../kernel/clock';
import { Guard, isGuarded, notReady, type GuardStatus } from '../../platform/resilience/guard';
import type { Row } from './duckdb';
import { AnalyticsGone, type AnalyticsProcess } from './process';

/** Questions that the process works on at once for requests, and that may wait. */
const AT_ONCE = 4;
const WAITING = 8;
/** Less than a request has: there must be time to say so. */
const TIMEOUT_MS = 8_000;

type Asked = Pick<AnalyticsProcess, 'query' | 'save'>;

/** The process of analytics for those who are waited for. Where it does not answer they throw Problem `not-ready`. */
export interface GuardedAnalytics extends Asked {
  status(): GuardStatus;
}

/** Puts a guard before the process: a request does not wait for one that is frozen, or dies over each question. */
export function guardAnalytics(
  analytics: Asked,
  { clock, timeoutMs = TIMEOUT_MS }: { readonly clock: Pick<Clock, 'now'>; readonly timeoutMs?: number },
): GuardedAnalytics {
  const guard = new Guard({
    limit: AT_ONCE,
    queue: WAITING,
    timeoutMs,
    clock,
    // What DuckDB says of a question is an answer.
    judge: (error) => (error instanceof AnalyticsGone ? 'failure' : 'answer'),
  });
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await guard.run(call);
    } catch (error) {
      if (isGuarded(error) || error instanceof AnalyticsGone)
        throw notReady('The process that analytics works in does not answer', error);
      throw error;
    }
  };
  return {
    status: () => guard.status(),
    query: <T extends Row>(...question: Parameters<Asked['query']>) => ask(() => analytics.query<T>(...question)),
    save: async (...wanted) => {
      let saving: Promise<string> | undefined;
      try {
        return await ask(() => (saving = analytics.save(...wanted)));
      } catch (error) {
        // A file that comes too late is nobody's; of one that never comes there is nothing to remove.
        saving?.then((file) => rm(file, { force: true })).catch(() => undefined);
        throw error;
      }
    },
  };
}
