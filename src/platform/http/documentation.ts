import { readFile } from 'node:fs/promises';
import path from 'node:path';
import express, { Router } from 'express';
import { ERROR_CATALOGUE, Problem } from '../../kernel/errors';
import { asyncApiDocument } from './asyncapi';
import { refuseOtherMethods } from './methods';
import { openApiDocument } from './openapi';

/** Its folder only: to load the package is to load the page's 1.5 MB of script, half a second of every start. */
const ASSETS = path.dirname(require.resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Easy11 API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

/** /openapi.json, /asyncapi.json, /docs (rendered from files of this installation: no internet) and a page per error code. */
export function documentationRoutes(version: string, docsDirectory: string, redisPrefix: string): Router {
  const router = Router();
  let document: string | undefined;
  router.get('/openapi.json', (_req, res) => {
    document ??= JSON.stringify(openApiDocument(version));
    res.type('json').set('Cache-Control', 'public, max-age=60').send(document);
  });
  let events: string | undefined;
  router.get('/asyncapi.json', (_req, res) => {
    events ??= JSON.stringify(asyncApiDocument(version, redisPrefix));
    res.type('json').set('Cache-Control', 'public, max-age=60').send(events);
  });
  router.get('/docs', (_req, res) => {
    // Swagger UI styles its elements inline and shows its own logo as a data URL.
    res.set(
      'Content-Security-Policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    );
    res.type('html').send(PAGE);
  });
  router.get('/docs/start.js', (_req, res) => void res.type('js').send(START));
  router.use('/docs/assets', express.static(ASSETS, { index: false, maxAge: '1d' }));
  router.get('/docs/errors/:code', async (req, res) => {
    const { code } = req.params;
    if (!Object.hasOwn(ERROR_CATALOGUE, code)) throw new Problem('not-found', `There is no error code "${code}"`);
    res.type('text/markdown').send(await readFile(path.join(docsDirectory, 'errors', `${code}.md`), 'utf8'));
  });
  refuseOtherMethods(router);
  return router;
}
