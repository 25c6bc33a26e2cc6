import { eventually, startTestApp, type TestApp } from '../support/app';

interface Suggestion {
  id: string;
  text: string;
  brand: string | null;
  highlights: [number, number][];
  price: { amount: number; currency: string };
  category: { path: string } | null;
  image: string;
}

describe('a first visit to the demo shop', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startTestApp({ EASY11_DEMO_PRODUCTS: '3000' });
  });
  afterAll(() => shop.close());

  const suggest = async (query: string): Promise<Suggestion[]> => {
    const { status, body } = await shop.get(`/v1/suggestions?q=${encodeURIComponent(query)}`);
    expect(status).toBe(200);
    return (body as { data: Suggestion[] }).data;
  };
  const admin = (
    method: string,
    where: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(shop.url + where, {
      method,
      headers: { Authorization: `Bearer ${shop.adminToken}`, 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  test('after every keystroke of "red mug" each suggestion has the typed words', async () => {
    for (const query of ['r', 're', 'red', 'red m', 'red mu', 'red mug']) {
      const found = await suggest(query);
      expect(found.length).toBeGreaterThan(0);
      for (const { text, brand, highlights } of found) {
        const words = `${text} ${brand ?? ''}`.toLowerCase().split(/[^a-z0-9]+/);
        for (const typed of query.split(' ')) expect(words.some((word) => word.startsWith(typed))).toBe(true);
        for (const [from, to] of highlights) {
          const marked = text.toLowerCase().slice(from, to);
          expect(query.split(' ').some((typed) => marked.startsWith(typed))).toBe(true);
        }
      }
    }
  });

  test('a suggestion leads to its product, whose picture is there', async () => {
    const [first] = await suggest('tea');
    const product = await shop.get(`/v1/products/${first!.id}`);
    expect(product.body).toMatchObject({ id: first!.id, name: first!.text, price: first!.price });
    expect(product.headers.get('etag')).toBe('"1"');
    const picture = await fetch(shop.url + first!.image);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('image/svg+xml'),
    ]);
  });

  test('a misspelt word finds what was meant', async () => {
    const texts = (await suggest('chocolte')).map(({ text }) => text.toLowerCase());
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).toContain('chocolate');
  });

  test('what the merchant adds, renames and takes away is soon in the search box', async () => {
    const created = await admin('POST', '/v1/admin/products', {
      sku: 'ZEPPELIN-1',
      name: 'Quixotic Zeppelin Whistle',
      price: { amount: 499, currency: 'GBP' },
      status: 'active',
    });
    expect(created.status).toBe(201);
    const product = (await created.json()) as { id: string };
    const has = async (query: string): Promise<boolean> => (await suggest(query)).some(({ id }) => id === product.id);
    await eventually(60_000, () => has('zeppelin wh'));

    const tag = created.headers.get('etag') ?? '';
    const renamed = await admin(
      'PATCH',
      `/v1/admin/products/${product.id}`,
      { name: 'Quixotic Airship Whistle' },
      { 'If-Match': tag },
    );
    expect(renamed.status).toBe(200);
    await eventually(60_000, async () => (await has('airship')) && !(await has('zeppelin')));

    const stale = await admin('DELETE', `/v1/admin/products/${product.id}`, undefined, { 'If-Match': tag });
    expect(stale.status).toBe(412);
    const deleted = await admin('DELETE', `/v1/admin/products/${product.id}`, undefined, {
      'If-Match': renamed.headers.get('etag') ?? '',
    });
    expect(deleted.status).toBe(204);
    await eventually(60_000, async () => !(await has('airship')));
  });

  test('the operations pages tell what runs', async () => {
    expect((await shop.get('/readyz')).body).toEqual({
      status: 'ready',
      checks: { database: 'ok', search: 'ok', outbox: 'ok' },
    });
    const { body } = await shop.get('/version');
    expect(body).toMatchObject({
      backend: expect.stringMatching(/^(native|fallback)$/),
      platform: expect.any(String),
      node: process.version,
    });
    // Which engine runs is never a secret: the fallback always says why.
    const { backend, reason } = body as { backend: string; reason: string | null };
    expect(reason === null).toBe(backend === 'native');
    const openapi = (await shop.get('/openapi.json')).body as { openapi: string; paths: Record<string, unknown> };
    expect(openapi.openapi).toBe('3.1.0');
    expect(Object.keys(openapi.paths)).toEqual(
      expect.arrayContaining(['/v1/suggestions', '/v1/products', '/v1/products/{id}', '/readyz']),
    );
    const docs = await fetch(`${shop.url}/docs`);
    expect(await docs.text()).not.toMatch(/https?:\/\//);
    const page = await fetch(`${shop.url}/docs/errors/not-found`);
    expect(await page.text()).toContain('`not-found`');
  });

  test('an address that is nothing is a problem for a program', async () => {
    const { status, body } = await shop.get('/v1/nothing');
    expect([status, (body as { code: string }).code]).toEqual([404, 'not-found']);
  });
});
