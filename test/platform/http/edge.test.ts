import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { Problem } from '../../../src/kernel/errors';
import { accessLog } from '../../../src/platform/http/access-log';
import { requireAdmin } from '../../../src/platform/http/admin';
import { documentationRoutes } from '../../../src/platform/http/documentation';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { ifMatchVersion, isFresh, versionTag } from '../../../src/platform/http/etag';
import { refuseOtherMethods } from '../../../src/platform/http/methods';
import { createMetrics } from '../../../src/platform/http/metrics';
import { operationsRoutes } from '../../../src/platform/http/operations';
import { parse } from '../../../src/platform/http/problem';

const log = pino({ level: 'silent' });

function application(readiness: () => string | undefined = () => undefined): express.Express {
  const metrics = createMetrics();
  const app = express();
  app.use(accessLog(log, metrics));
  app.use(
    operationsRoutes({ metrics, readiness: [{ name: 'thing', check: readiness }], version: () => ({ version: '1' }) }),
  );
  app.use(documentationRoutes('1', 'docs', 'easy11'));
  app.use(express.json({ limit: '1kb' }));
  const things = express.Router();
  things.post(
    '/things',
    (req, res) => void res.status(201).json(parse(z.strictObject({ size: z.int() }), req.body, 'The thing')),
  );
  things.put('/things', (req, res) => void res.json({ version: ifMatchVersion(req) ?? 'any' }));
  things.get(
    '/things',
    (req, res) => void res.set('ETag', versionTag(7)).sendStatus(isFresh(req, versionTag(7)) ? 304 : 200),
  );
  refuseOtherMethods(things);
  app.use(things);
  app.get('/broken', () => {
    throw new Error('a secret detail');
  });
  app.get('/away', () => {
    throw Object.assign(new Error('terminating connection'), { code: '57P01' });
  });
  app.get('/admin', requireAdmin('correct horse battery'), (_req, res) => void res.json({ in: true }));
  app.get('/closed', requireAdmin(undefined), (_req, res) => void res.json({ in: true }));
  app.get('/conflict', () => {
    throw new Problem('conflict', 'It is taken');
  });
  app.use(notFound);
  app.use(errorHandler(log));
  return app;
}

test('a metric without a figure is left out, and no 0', async () => {
  const metrics = createMetrics();
  let figure: number | undefined;
  metrics.gauge('easy11_test_last_success_seconds', 'When it last succeeded.', () => figure);
  const lines = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('easy11_test_last'));
  expect(await lines()).toEqual([]);
  figure = 7;
  expect(await lines()).toEqual(['easy11_test_last_success_seconds 7']);
  figure = undefined;
  expect(await lines()).toEqual([]);
});

describe('an error answer', () => {
  const app = application();

  test('is problem+json with code, type, instance and the ids that find it in the log', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await request(app)
      .get('/conflict?x=1')
      .set('traceparent', traceparent)
      .set('X-Request-Id', 'mine-1');
    expect(answer.status).toBe(409);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: '/docs/errors/conflict',
      title: 'The request conflicts with the present state',
      status: 409,
      detail: 'It is taken',
      instance: '/conflict?x=1',
      code: 'conflict',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      requestId: 'mine-1',
    });
    expect(answer.headers['x-request-id']).toBe('mine-1');
    expect(answer.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  });

  test('names every wrong field with a pointer, and refuses unknown ones', async () => {
    const answer = await request(app).post('/things').send({ size: 'big', colour: 'red' });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('validation-failed');
    expect(answer.body.errors).toEqual([
      { pointer: '/size', code: 'invalid-type', detail: expect.any(String) },
      { pointer: '/colour', code: 'unknown-field', detail: expect.any(String) },
    ]);
  });

  test.each([
    ['broken JSON', 400, 'malformed-request', () => request(app).post('/things').type('json').send('{"size":')],
    [
      'a body that is too large',
      413,
      'payload-too-large',
      () =>
        request(app)
          .post('/things')
          .send({ size: 'x'.repeat(2000) }),
    ],
    ['an unknown address', 404, 'not-found', () => request(app).get('/nowhere')],
    ['a method that is not possible', 405, 'method-not-allowed', () => request(app).delete('/things')],
    ['a database that is away', 503, 'not-ready', () => request(app).get('/away')],
    ['a change without If-Match', 428, 'precondition-required', () => request(app).put('/things')],
    [
      'an If-Match that is no version',
      412,
      'precondition-failed',
      () => request(app).put('/things').set('If-Match', '"abc"'),
    ],
  ])('%s is %i %s', async (_what, status, code, send) => {
    const answer = await send();
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('never shows what broke on our side', async () => {
    const answer = await request(app).get('/broken');
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });

  test('makes its own request id when the given one could break a log line', async () => {
    const answer = await request(app).get('/conflict').set('X-Request-Id', 'a b"c');
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
  });
});

describe('a versioned resource', () => {
  const app = application();
  test('answers 304 to who has it already', async () => {
    expect((await request(app).get('/things').set('If-None-Match', 'W/"6", "7"')).status).toBe(304);
    expect((await request(app).get('/things').set('If-None-Match', '"6"')).status).toBe(200);
  });
  test('reads the version from If-Match, and * as any', async () => {
    expect((await request(app).put('/things').set('If-Match', '"12"')).body).toEqual({ version: 12 });
    expect((await request(app).put('/things').set('If-Match', '*')).body).toEqual({ version: 'any' });
  });
});

describe('the back office', () => {
  const app = application();
  test.each([
    ['no token', 401, undefined],
    ['a wrong token', 401, 'Bearer wrong'],
    ['the token in another scheme', 401, 'Basic correct horse battery'],
  ])('refuses %s', async (_what, status, header) => {
    const get = request(app).get('/admin');
    const answer = await (header === undefined ? get : get.set('Authorization', header));
    expect(answer.status).toBe(status);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });
  test('is closed to everybody when no token is configured', async () => {
    expect((await request(app).get('/closed').set('Authorization', 'Bearer x')).status).toBe(403);
  });
});

describe('the operations', () => {
  test.each(['/healthz', '/readyz', '/metrics', '/version', '/openapi.json', '/docs'])(
    '%s is for GET: another method is 405, and OPTIONS says which there are',
    async (address) => {
      const app = application();
      const post = await request(app).post(address);
      expect([post.status, post.body.code, post.headers.allow]).toEqual([405, 'method-not-allowed', 'GET, HEAD']);
      const options = await request(app).options(address);
      expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD']);
      expect((await request(app).head(address)).status).toBe(200);
    },
  );

  test('readiness names the check that fails, and turns green with it', async () => {
    let problem: string | undefined = 'still loading';
    const app = application(() => problem);
    const red = await request(app).get('/readyz');
    expect([red.status, red.body]).toEqual([503, { status: 'not-ready', checks: { thing: 'still loading' } }]);
    expect((await request(app).get('/healthz')).status).toBe(200);
    problem = undefined;
    expect((await request(app).get('/readyz')).body).toEqual({ status: 'ready', checks: { thing: 'ok' } });
  });

  test('a readiness check that throws counts as failed, with its message', async () => {
    const app = application(() => {
      throw new Error('no connection');
    });
    expect((await request(app).get('/readyz')).body.checks).toEqual({ thing: 'no connection' });
  });

  test('metrics count requests by route pattern and status', async () => {
    const app = application();
    await request(app).get('/conflict');
    const { text } = await request(app).get('/metrics');
    expect(text).toMatch(
      /easy11_http_request_duration_seconds_count\{route="\/conflict",method="GET",status="409"\} 1/,
    );
  });
});
