import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ZodError } from 'zod';
import { Problem } from '../../kernel/errors';
import type { Log } from '../log';
import { sendProblem, violationsOf } from './problem';
import { requestContext } from './request-context';

/** Errors of Express's own parsers carry a status and a type; the client may see what they mean. */
interface HttpError extends Error {
  readonly status: number;
  readonly type?: string;
}

const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && typeof (error as Partial<HttpError>).status === 'number';

/** How the driver, without a code, says that the connection in use has broken. */
const BROKEN = /^Connection terminated|is not queryable$/;

/** What a socket to the database ends with, and how Prisma says the same. */
const AWAY: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'],
  ...['P1001', 'P1017', 'P2024'],
]);

/** PostgreSQL is starting, stopping or out of connections: the client should come back (classes 08, 53, 57P). */
const isDatabaseAway = (error: unknown): boolean => {
  const code = error instanceof Error ? String((error as { code?: unknown }).code ?? '') : '';
  if (error instanceof Error && BROKEN.test(error.message)) return true;
  return /^(08|53|57P)/.test(code) || AWAY.has(code);
};

/** SQLSTATE of a wait for a lock that lock_timeout ended, and of a statement that statement_timeout did. */
const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';

/** Every connection was in use for as long as one may wait for one. The driver gives this no code. */
const isPoolExhausted = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect';

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) {
    const violations = violationsOf(error);
    return new Problem('validation-failed', 'The request is not acceptable', { violations, cause: error });
  }
  if (isHttpError(error)) {
    if (error.status === 413)
      return new Problem('payload-too-large', 'The request body is too large', { cause: error });
    if (error.status === 415) return new Problem('unsupported-media-type', error.message, { cause: error });
    if (error.status >= 400 && error.status < 500)
      return new Problem('malformed-request', error.message, { cause: error });
  }
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (code === LOCK_NOT_AVAILABLE || isPoolExhausted(error))
    return new Problem('overloaded', 'The database has too much to do at the moment; try again', { cause: error });
  if (code === QUERY_CANCELED)
    return new Problem('deadline-exceeded', 'The database did not answer in time; nothing was changed', {
      cause: error,
    });
  if (isDatabaseAway(error)) return new Problem('not-ready', 'The database is away; try again', { cause: error });
  return new Problem('internal-error', 'Something went wrong; the trace id finds it in the log', { cause: error });
}

/** The last handler: turns whatever was thrown into problem+json, and logs what is our fault. */
export function errorHandler(log: Log): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    const problem = toProblem(error);
    // Who refuses on purpose has been counted; a fault is for a person to look at.
    if (problem.status >= 500 && !(error instanceof Problem && error.cause === undefined))
      log.error({ err: error, ...requestContext(req), url: req.originalUrl }, 'request failed');
    sendProblem(req, res, problem);
  };
}

export const notFound: RequestHandler = (req) => {
  throw new Problem('not-found', `There is nothing at ${req.path}`);
};
