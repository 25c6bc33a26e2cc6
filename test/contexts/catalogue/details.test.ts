import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { productFastPath, ProductDetails } from '../../../src/contexts/catalogue';
import type { Follower, FollowOptions } from '../../../src/platform/outbox';
import type { Log } from '../../../src/platform/log';

const ID = 'prd_01a21416-3ba6-719b-abb7-2bb773d78853';
const product = (version: number): { id: string; version: number; name: string } => ({
  id: ID,
  version,
  name: `Crème no. ${version}`,
});

let followed: FollowOptions | undefined;
const outbox = {
  positions: () => Promise.resolve(new Map<number, number>()),
  follow: (options: FollowOptions): Follower => {
    followed = options;
    return { status: () => undefined as never, caughtUp: () => true, close: () => Promise.resolve() };
  },
};
const warnings: unknown[] = [];
const log = { warn: (...words: unknown[]) => void warnings.push(words) } as unknown as Log;

let details: ProductDetails;
beforeEach(async () => {
  details = new ProductDetails({ outbox, log, cacheBytes: 1 << 20 });
  await new Promise(setImmediate);
});
afterEach(() => details.close());

const nameOf = (): string | undefined => {
  const body = details.find(ID)?.body;
  return body && (JSON.parse(body.toString()) as { name: string }).name;
};
const happens = (version: number): void | Promise<void> => followed?.onEvents([{ subject: ID, version } as never]);

describe('the details of products that are kept', () => {
  test('are found as they were read', () => {
    details.keep(product(3));
    expect(details.find(ID)?.version).toBe(3);
    expect(nameOf()).toBe('Crème no. 3');
  });

  test('are gone with the event of a later version, and stay with one that is no news', async () => {
    details.keep(product(3));
    await happens(3);
    expect(nameOf()).toBe('Crème no. 3');
    await happens(4);
    expect(nameOf()).toBeUndefined();
  });

  test('are not put back by a reader whose row is older than what has been heard of', async () => {
    await happens(5);
    details.keep(product(4));
    expect(nameOf()).toBeUndefined();
    details.keep(product(5));
    expect(nameOf()).toBe('Crème no. 5');
  });

  test('are forgotten at once by who changes or deletes the product here', () => {
    details.keep(product(1));
    details.forget(ID, Number.MAX_SAFE_INTEGER);
    details.keep(product(2));
    expect(nameOf()).toBeUndefined();
  });

  test('are all gone when events are missing', async () => {
    details.keep(product(1));
    await followed?.onBehind(new Error('events are missing') as never);
    expect(nameOf()).toBeUndefined();
  });

  test('are not kept while their events cannot be followed, nor when there is no room for any', async () => {
    const deaf = new ProductDetails({
      outbox: { ...outbox, positions: () => Promise.reject(new Error('no database')) },
      log,
      cacheBytes: 1 << 20,
    });
    await new Promise(setImmediate);
    const none = new ProductDetails({ outbox, log, cacheBytes: 0 });
    for (const one of [deaf, none]) {
      one.keep(product(1));
      expect(one.find(ID)).toBeUndefined();
      await one.close();
    }
    expect(warnings).toHaveLength(1);
  });
});

describe('GET /v1/products/{id} ahead of Express', () => {
  let server: Server;
  let address: string;
  const answered: number[] = [];
  beforeEach(async () => {
    const fastPath = productFastPath(details, 'public, max-age=60', (_method, status) => answered.push(status));
    server = createServer((req, res) => {
      if (!fastPath(req, res)) res.writeHead(418).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/products`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test('answers with the version as ETag, 304 to who has it, and the headers alone to HEAD', async () => {
    details.keep(product(7));
    const response = await fetch(`${address}/${ID}`);
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"7"']);
    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
    expect(await response.json()).toEqual(product(7));
    const again = await fetch(`${address}/${ID}`, { headers: { 'if-none-match': '"7"' } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const head = await fetch(`${address}/${ID}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBe(Buffer.byteLength(JSON.stringify(product(7))));
    expect(answered).toEqual([200, 304, 200]);
  });

  test.each([
    ['GET', 'prd_x'],
    ['GET', ''],
    ['GET', ID],
    ['GET', `${ID}?a=1`],
    ['PATCH', ID],
  ])('leaves %s %j to the others when it is not kept, or no such request', async (method, rest) => {
    if (rest !== ID) details.keep(product(1));
    expect((await fetch(`${address}/${rest}`, { method })).status).toBe(418);
  });
});
