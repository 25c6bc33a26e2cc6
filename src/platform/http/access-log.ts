import type { RequestHandler } from 'express';
import type { Log } from '../log';
import type { Metrics } from './metrics';
import { requestContext, setContextHeaders } from './request-context';

/** One log line and one observation per request under Express: what was asked, what was answered, how long it took. */
export function accessLog(log: Log, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const start = process.hrtime.bigint();
    setContextHeaders(req, res);
    res.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const route = typeof req.route?.path === 'string' ? req.baseUrl + req.route.path : 'other';
      metrics.observeRequest(route, req.method, res.statusCode, seconds);
      const { requestId, traceId } = requestContext(req);
      const line = { requestId, traceId, method: req.method, url: req.originalUrl, status: res.statusCode };
      log.debug({ ...line, milliseconds: Math.round(seconds * 1e5) / 100 }, 'request');
    });
    next();
  };
}
