import express from 'express';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import request from 'supertest';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { storefrontRoutes } from '../../../src/platform/http/storefront';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let folder: string;
let app: express.Express;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'easy11-storefront-'));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>The shop</title>');
  await writeFile(path.join(folder, 'robots.txt'), 'User-agent: *');
  app = express();
  app.use(storefrontRoutes(folder));
  app.use(notFound);
  app.use(errorHandler(pino({ level: 'silent' })));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the storefront', () => {
  test.each([
    '/',
    '/c/kitchen',
    '/c/kitchen/mugs',
    '/p/prd_1',
    '/c/caf%C3%A9',
    '/basket',
    '/checkout',
    '/orders/ord_1',
  ])('has a page at %s', async (address) => {
    for (const accept of [BROWSER, '*/*']) {
      const answer = await request(app).get(address).set('Accept', accept);
      expect([answer.status, answer.type]).toEqual([200, 'text/html']);
      expect(answer.text).toContain('The shop');
    }
  });

  test.each(['/nope', '/errors/x', '/c', '/p', '/p/a/b', '/basket/x', '/orders', '/index.php'])(
    'has none at %s: a browser gets its page with status 404, another client a problem',
    async (address) => {
      const browser = await request(app).get(address).set('Accept', BROWSER).set('Range', 'bytes=0-3');
      expect([browser.status, browser.type]).toEqual([404, 'text/html']);
      expect(browser.text).toContain('The shop');
      expect(browser.headers['cache-control']).toBe('no-cache');
      for (const accept of ['*/*', 'application/json']) {
        const other = await request(app).get(address).set('Accept', accept);
        expect([other.status, other.body.code]).toEqual([404, 'not-found']);
      }
    },
  );

  test.each(['/v1/nope', '/media/nope', '/docs/nope', '/assets/nope.js'])(
    'leaves %s to the API: a problem, also for a browser',
    async (address) => {
      const answer = await request(app).get(address).set('Accept', BROWSER);
      expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
    },
  );

  test.each(['/%zz', '/p/%zz', '/c/%E0%A4%A'])('refuses %s, whose percent-encoding is broken', async (address) => {
    const answer = await request(app).get(address).set('Accept', BROWSER);
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed-request']);
  });

  test('serves files, and its pages to GET and HEAD only', async () => {
    expect((await request(app).get('/robots.txt')).text).toBe('User-agent: *');
    expect((await request(app).head('/')).status).toBe(200);
    const post = await request(app).post('/').set('Accept', BROWSER);
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});
