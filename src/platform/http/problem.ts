import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from './zod';
import { ERROR_CATALOGUE, Problem, type ErrorCode, type Violation } from '../../kernel/errors';
import { requestContext, setContextHeaders } from './request-context';
import { plainSentence } from './sentences';

/** Where a person reads about an error code. */
export const errorPage = (code: ErrorCode): string => `/docs/errors/${code}`;

/** The body of application/problem+json (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(ERROR_CATALOGUE) as [ErrorCode, ...ErrorCode[]]),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
    traceId: z.string(),
    requestId: z.string(),
  })
  .describe('What went wrong, for a program (`code`, `errors`) and for a person (`title`, `detail`).');

/** Answers a request with a problem; works on the raw server as well as under Express. */
export function sendProblem(req: IncomingMessage, res: ServerResponse, problem: Problem): void {
  if (res.writableEnded) return; // an answer is complete: the deadline's, for example
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { requestId, traceId } = requestContext(req);
  const body = JSON.stringify({
    type: errorPage(problem.code),
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    instance: (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/',
    code: problem.code,
    ...(problem.violations.length > 0 ? { errors: problem.violations } : {}),
    traceId,
    requestId,
  });
  setContextHeaders(req, res);
  if (problem.retryAfter !== undefined) res.setHeader('Retry-After', String(problem.retryAfter));
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Content-Type', 'application/problem+json');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.statusCode = problem.status;
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** The violations behind a Zod error, as JSON pointers into what was parsed. */
export function violationsOf(error: z.ZodError): Violation[] {
  return error.issues.flatMap((issue): Violation[] => {
    const path = issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: `/${[...path, key].join('/')}`,
        code: 'unknown-field',
        detail: 'is not a field of this request',
      }));
    }
    return [{ pointer: `/${path.join('/')}`, code: issue.code.replaceAll('_', '-'), detail: issue.message }];
  });
}

/** Parses `input`, or throws `validation-failed` that names each wrong field. `what` begins the sentence: "The query". */
export function parse<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const result = schema.safeParse(input, { error: plainSentence });
  if (result.success) return result.data;
  const violations = violationsOf(result.error);
  const first = violations[0];
  const detail = first ? `${what} is not acceptable: ${first.pointer} ${first.detail}` : `${what} is not acceptable`;
  throw new Problem('validation-failed', detail, { violations });
}
