import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { systemClock, type Clock } from '../../kernel/clock';
import { Problem } from '../../kernel/errors';
import { sendProblem } from './problem';

interface Deadline {
  readonly signal: AbortSignal;
  /** By the clock. */
  readonly at: number;
  readonly clock: Clock;
}

const deadlines = new WeakMap<IncomingMessage, Deadline>();

/** Aborts when the request has run out of time, or its client has gone. Undefined where it may take any time. */
export const requestSignal = (req: IncomingMessage): AbortSignal | undefined => deadlines.get(req)?.signal;

/** What is left of a request's time; undefined where it may take any. */
export function millisecondsLeft(req: IncomingMessage): number | undefined {
  const deadline = deadlines.get(req);
  return deadline && deadline.at - deadline.clock.now();
}

/**
 * Gives every request so many milliseconds (undefined: any number of them). When they are over the client gets
 * `deadline-exceeded` at once, and the signal tells whoever still works on it to stop.
 */
export function requestDeadline(
  limit: (req: IncomingMessage & { readonly path: string }) => number | undefined,
  clock: Clock = systemClock,
): RequestHandler {
  return (req, res, next) => {
    const ms = limit(req);
    if (ms === undefined) return next();
    const controller = new AbortController();
    const done = new AbortController();
    deadlines.set(req, { signal: controller.signal, at: clock.now() + ms, clock });
    res.once('close', () => {
      done.abort();
      if (!res.writableFinished) controller.abort(new Error('The client went away'));
    });
    void clock.sleep(ms, done.signal).then(() => {
      if (done.signal.aborted) return;
      const problem = new Problem('deadline-exceeded', `This took more than ${ms} ms`);
      controller.abort(problem);
      if (!res.headersSent) sendProblem(req, res, problem);
    });
    next();
  };
}
