import express, { Router } from 'express';
import { Problem } from '../../kernel/errors';
import { refuseOtherMethods } from '../../platform/http/methods';
import './openapi';
import { trackEvents, type TrackingDependencies } from './tracking';

/** A colon begins a parameter in a path, unless it is escaped. */
const PATH = '/v1/events\\:batch';

const JSON_TYPE = 'application/json';
/** text/plain is what a page may send to another address without asking first. */
const LINE_TYPES = ['application/x-ndjson', 'application/ndjson', 'text/plain'];

/** POST /v1/events:batch for everybody. */
export function trackingRoutes(deps: TrackingDependencies): Router {
  const router = Router();
  router.post(PATH, express.text({ type: [JSON_TYPE, ...LINE_TYPES], limit: '512kb' }), async (req, res) => {
    if (typeof req.body !== 'string')
      throw new Problem('unsupported-media-type', `Send the events as ${JSON_TYPE} or ${LINE_TYPES[0]}`);
    const result = await trackEvents(deps, {
      text: req.body,
      kind: req.is(JSON_TYPE) ? 'json' : 'lines',
      userAgent: req.get('user-agent'),
    });
    res.set('Cache-Control', 'no-store').json(result);
  });
  refuseOtherMethods(router);
  return router;
}
