import { Router } from 'express';
import { isFresh } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { nextOf } from './results/answer';
import type { TaggedAnswer } from './results/tagged';

/** As fresh as suggestions are: a second takes off us what bursts of the same question there are. */
const FRESH = 'public, max-age=1';

/** /v1/search. Suggestions are answered ahead of Express: see fast-path.ts. */
export function searchRoutes(service: { results(queryString: string): TaggedAnswer }): Router {
  const router = Router();
  router.get('/v1/search', (req, res) => {
    const question = req.originalUrl.indexOf('?');
    const { body, etag } = service.results(question < 0 ? '' : req.originalUrl.slice(question + 1));
    res.set({ ETag: etag, 'Cache-Control': FRESH });
    const next = nextOf(body);
    if (next !== undefined) {
      const url = new URL(req.originalUrl, 'http://localhost');
      url.searchParams.set('after', next);
      res.set('Link', `<${url.pathname}${url.search}>; rel="next"`);
    }
    if (isFresh(req, etag)) res.status(304).end();
    else res.type('application/json').send(body);
  });
  refuseOtherMethods(router);
  return router;
}
