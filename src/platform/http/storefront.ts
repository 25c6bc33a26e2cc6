import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { Router, type RequestHandler } from 'express';
import { Problem } from '../../kernel/errors';
import { refuseOtherMethods } from './methods';

/** The addresses that web/src/main.tsx has a page for. */
const PAGES = ['/', '/search', '/c/*path', '/p/:id', '/basket', '/checkout', '/orders/:id', '/admin', '/admin/:view'];

/**
 * The built web application: hashed assets for a year, index.html for its own pages. Any other address is 404: a browser
 * gets index.html with it, which says so in words, and everybody else a problem. Without a build, it says how to make one.
 */
export function storefrontRoutes(directory: string): Router {
  const router = Router();
  const index = path.join(directory, 'index.html');
  const send =
    (status: 200 | 404): RequestHandler =>
    (_req, res) => {
      if (!existsSync(index)) throw new Problem('not-found', 'The storefront is not built: run "npm run build"');
      // A part of a page that is not there would be answered 206.
      res.status(status).set('Cache-Control', 'no-cache').vary('Accept').sendFile(index, { acceptRanges: false });
    };
  router.use(refuseBrokenEncoding);
  router.use(
    '/assets',
    express.static(path.join(directory, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  router.use(express.static(directory, { index: false, maxAge: '1h' }));
  const page = send(200);
  for (const address of PAGES)
    router.get(address, (req, res, next) => (req.accepts('html') ? page(req, res, next) : next('router')));
  refuseOtherMethods(router);
  const missing = send(404);
  router.get(/^(?!\/(v1|media|docs|assets)(\/|$)).*/, (req, res, next) => {
    if (/\btext\/html\b/i.test(req.headers.accept ?? '')) return missing(req, res, next);
    next();
  });
  return router;
}

/** express.static would take an address that cannot be decoded for one that is not there. */
const refuseBrokenEncoding: RequestHandler = (req, _res, next) => {
  try {
    decodeURIComponent(req.path);
  } catch (error) {
    throw new Problem('malformed-request', `${req.path} is not percent-encoded UTF-8`, { cause: error });
  }
  next();
};
