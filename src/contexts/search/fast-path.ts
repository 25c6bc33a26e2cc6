import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from '../../kernel/errors';
import { sendProblem } from '../../platform/http/problem';
import { sendJson } from '../../platform/http/send-json';

const PATH = '/v1/suggestions';

export interface FastPathOptions {
  /** Told of every request that was answered here: for metrics. */
  readonly onAnswered?: (method: string, status: number, seconds: number) => void;
  /** Told of faults of ours, which the client gets as `internal-error` without detail. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Answers /v1/suggestions on the raw HTTP server and returns true; leaves every other request alone and returns false.
 * The Express stack in front of it would cost several times what the search itself does.
 */
export function suggestionsFastPath(
  service: { answer(queryString: string): Buffer },
  { onAnswered, onError }: FastPathOptions = {},
): (req: IncomingMessage, res: ServerResponse) => boolean {
  const respond = (req: IncomingMessage, res: ServerResponse, url: string): void => {
    try {
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.setHeader('Allow', 'GET, HEAD');
        throw new Problem('method-not-allowed', `${req.method} is not possible here; GET and HEAD are`);
      }
      const body = service.answer(url.slice(PATH.length + 1));
      // A second: takes what bursts of the same prefix there are off us, and keeps the promise to be that fresh.
      sendJson(req, res, body, { cacheControl: 'public, max-age=1' });
    } catch (error) {
      if (error instanceof Problem) return sendProblem(req, res, error);
      onError?.(error);
      sendProblem(req, res, new Problem('internal-error', 'The suggestions could not be found', { cause: error }));
    }
  };

  return (req, res) => {
    const url = req.url ?? '';
    if (!url.startsWith(PATH) || (url.length > PATH.length && url[PATH.length] !== '?')) return false;
    const start = process.hrtime.bigint();
    respond(req, res, url);
    onAnswered?.(req.method ?? '', res.statusCode, Number(process.hrtime.bigint() - start) / 1e9);
    return true;
  };
}
