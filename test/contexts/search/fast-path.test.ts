import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suggestionsFastPath } from '../../../src/contexts/search';
import { Projection } from '../../../src/contexts/search/projection';
import { parameters } from '../../../src/contexts/search/parameters';
import { suggest } from '../../../src/contexts/search/suggestions';
import { product, streamed } from './support';

let server: Server;
let projection: Projection | undefined;
let built: Projection;
let address: string;
const answered: [string, number][] = [];
const errors: unknown[] = [];

beforeAll(async () => {
  built = await Projection.build(() => streamed([product('p1', 'Crème Brûlée & Co')]), new AbortController().signal);
  const service = {
    answer: (query: string) => {
      if (query === 'q=bug') throw new TypeError('secret detail');
      return Buffer.from(suggest(projection, query));
    },
  };
  const fastPath = suggestionsFastPath(service, {
    onAnswered: (method, status) => answered.push([method, status]),
    onError: (error) => errors.push(error),
  });
  server = createServer((req, res) => {
    if (!fastPath(req, res)) res.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  projection = built;
  answered.length = 0;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  built.close();
});

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${address}${path}`, init);

describe('GET /v1/suggestions', () => {
  test('answers JSON with the headers that every answer has', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const response = await get('/v1/suggestions?q=cr%C3%A8me+br&limit=3', {
      headers: { traceparent, 'X-Request-Id': 'r-1' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=1');
    expect(response.headers.get('x-request-id')).toBe('r-1');
    expect(response.headers.get('traceparent')).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const { data } = (await response.json()) as { data: { text: string }[] };
    expect(data.map(({ text }) => text)).toEqual(['Crème Brûlée & Co']);
    expect(answered).toEqual([['GET', 200]]);
  });

  test('answers nothing typed with nothing suggested', async () => {
    for (const path of ['/v1/suggestions', '/v1/suggestions?', '/v1/suggestions?q=', '/v1/suggestions?q=%21'])
      expect(await (await get(path)).json()).toEqual({ data: [] });
  });

  test('answers HEAD with the headers alone', async () => {
    const response = await get('/v1/suggestions?q=creme', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(50);
    expect(await response.text()).toBe('');
  });

  test.each([
    ['limit=0', '/limit'],
    ['limit=21', '/limit'],
    ['limit=ten', '/limit'],
    ['category=', '/category'],
    ['q=creme&category=%01', '/category'],
    ['price.gte=-1', '/price.gte'],
    ['price.gte=5&price.lte=4', '/price.gte'],
    ['inStock=yes', '/inStock'],
    ['colour=red', '/colour'],
    ['__proto__=x', '/__proto__'],
    ['q=a&q=b', '/q'],
  ])('refuses %s and says what is wrong', async (query, pointer) => {
    const response = await get(`/v1/suggestions?${query}`);
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'validation-failed', errors: [{ pointer }] });
  });

  test('refuses more than a thousand characters', async () => {
    expect((await get(`/v1/suggestions?q=${'a'.repeat(1000)}`)).status).toBe(200);
    expect((await get(`/v1/suggestions?q=${'a'.repeat(1001)}`)).status).toBe(422);
  });

  test('refuses what is not percent-encoded UTF-8 as malformed', async () => {
    for (const query of ['q=%zz', 'q=%ff', 'q=%ED%A0%80'])
      expect((await get(`/v1/suggestions?${query}`)).status).toBe(400);
  });

  test('refuses other methods and names those it takes', async () => {
    const response = await get('/v1/suggestions?q=a', { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  test('asks for patience while the index is loading', async () => {
    projection = undefined;
    const response = await get('/v1/suggestions?q=a');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'not-ready' });
  });

  test('hides a fault of ours from the client and reports it', async () => {
    const response = await get('/v1/suggestions?q=bug');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(errors).toEqual([expect.any(TypeError)]);
  });

  test('leaves every other address alone', async () => {
    for (const path of ['/v1/suggestionsx', '/v1/suggestions/x', '/v1/products', '/'])
      expect((await get(path)).status).toBe(418);
  });
});

test('the parameters of any query string are those that URLSearchParams finds', () => {
  const strings = ['', '&', '&&a=1&', 'a', 'a=', '=b', 'a=b=c', 'a+b=c+d', '%61=%26', 'a=1&b=2', 'q=%F0%9F%8D%B5'];
  for (const text of strings) expect(parameters(text)).toEqual(Object.fromEntries(new URLSearchParams(text)));
});
