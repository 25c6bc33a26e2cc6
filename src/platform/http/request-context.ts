import { randomFillSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { newId } from '../../kernel/ids';

/** What ties a request to its log line, its answer and the traces around it. */
export interface RequestContext {
  readonly requestId: string;
  /** W3C Trace Context (level 1): the caller's trace id, or a new one. */
  readonly traceId: string;
  readonly spanId: string;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** Randomness is fetched in bulk: one call for each id cost a tenth of a suggestion's whole CPU time. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The context of a request: made on first use, the same ever after. */
export function requestContext(req: IncomingMessage): RequestContext {
  let context = contexts.get(req);
  if (!context) {
    const given = req.headers['x-request-id'];
    const traceId = TRACEPARENT.exec(String(req.headers.traceparent ?? ''))?.[1];
    context = {
      requestId: typeof given === 'string' && REQUEST_ID.test(given) ? given : newId('req'),
      traceId: traceId && !/^0+$/.test(traceId) ? traceId : randomHex(16),
      spanId: randomHex(8),
    };
    contexts.set(req, context);
  }
  return context;
}

/** Tells the client which request and trace its answer belongs to. */
export function setContextHeaders(req: IncomingMessage, res: ServerResponse): void {
  const { requestId, traceId, spanId } = requestContext(req);
  res.setHeader('X-Request-Id', requestId);
  res.setHeader('traceparent', `00-${traceId}-${spanId}-01`);
}
