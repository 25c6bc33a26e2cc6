import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { startTestApp, type TestApp } from '../../support/app';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

let shop: TestApp;
beforeAll(async () => {
  shop = await startTestApp();
});
afterAll(() => shop.close());

const ask = async (
  method: string,
  where: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const answer = await fetch(shop.url + where, {
    method,
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'Firefox', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
};
const admin = (method: string, where: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(method, `/v1/admin/experiments${where}`, body, { Authorization: `Bearer ${shop.adminToken}`, ...headers });
const draft = (key: string, more: Record<string, unknown> = {}) => ({
  key,
  name: 'A new shelf',
  metric: 'add_to_cart',
  variants: [
    { key: 'old', weight: 1 },
    { key: 'new', weight: 1 },
  ],
  ...more,
});
const become = (key: string, state: string): Promise<Answer> =>
  admin('PATCH', `/${key}`, { state }, { 'If-Match': '*' });
const start = async (key: string, more: Record<string, unknown> = {}): Promise<void> => {
  expect((await admin('POST', '', draft(key, more))).status).toBe(201);
  expect((await become(key, 'running')).status).toBe(200);
};
const visitorId = (): string => `vis_${randomUUID()}`;
const assignments = async (visitor: string): Promise<Record<string, string>> => {
  const { body } = await ask('GET', `/v1/experiments/assignments?visitor=${visitor}`);
  const data = body.data as { experiment: string; variant: string }[];
  return Object.fromEntries(data.map(({ experiment, variant }) => [experiment, variant]));
};

/** What visitors do, a moment after each other; each thing with its visitor. */
let moment = Date.now();
const happened = (visitor: string, type: string, fields: Record<string, unknown> = {}) => ({
  id: `evt_${v7({ msecs: ++moment })}`,
  visitorId: visitor,
  consent: true,
  type,
  ...(type === 'exposure' ? {} : { productId: `prd_${v7()}` }),
  ...fields,
});
const send = async (events: readonly unknown[]): Promise<void> => {
  const { body } = await ask('POST', '/v1/events:batch', { events });
  expect(body).toMatchObject({ accepted: events.length });
};

describe('an experiment', () => {
  test('is a draft that can be changed, then runs and stays as it is, then is stopped for good', async () => {
    const made = await admin('POST', '', draft('shelf'));
    expect([made.status, made.headers.get('location')]).toEqual([201, '/v1/admin/experiments/shelf']);
    expect(made.body).toMatchObject({
      ...draft('shelf'),
      state: 'draft',
      version: 1,
      startedAt: null,
      stoppedAt: null,
    });

    const variants = [
      { key: 'old', weight: 3 },
      { key: 'new', weight: 1 },
    ];
    const changed = await admin('PATCH', '/shelf', { variants, metric: 'click' }, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ variants, metric: 'click', version: 2 });
    expect((await admin('PATCH', '/shelf', { name: 'Late' }, { 'If-Match': '"1"' })).body.code).toBe(
      'precondition-failed',
    );
    expect((await admin('PATCH', '/shelf', { name: 'Late' })).body.code).toBe('precondition-required');
    expect((await become('shelf', 'stopped')).body.code).toBe('conflict');

    const running = await become('shelf', 'running');
    expect([running.body.state, running.body.version, running.headers.get('etag')]).toEqual(['running', 3, '"3"']);
    expect(Date.parse(String(running.body.startedAt))).toBeLessThanOrEqual(Date.now() + 1_000);
    expect((await become('shelf', 'running')).body).toEqual(running.body);
    for (const change of [{ metric: 'purchase' }, { variants: draft('x').variants }, { state: 'draft' }])
      expect((await admin('PATCH', '/shelf', change, { 'If-Match': '*' })).body.code).toBe('conflict');
    expect((await admin('PATCH', '/shelf', { name: 'Shelf' }, { 'If-Match': '*' })).body.name).toBe('Shelf');

    const stopped = await become('shelf', 'stopped');
    expect(stopped.body).toMatchObject({ state: 'stopped', startedAt: running.body.startedAt });
    expect((await become('shelf', 'running')).body.code).toBe('conflict');
    expect((await admin('GET', '/shelf')).body).toEqual(stopped.body);
  });

  test('has a key of its own, and is made once by a request that is sent twice', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    const [first, again] = [await admin('POST', '', draft('own'), key), await admin('POST', '', draft('own'), key)];
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect((await admin('POST', '', draft('own'))).body.code).toBe('conflict');
    expect((await admin('GET', '/none')).status).toBe(404);
    expect((await admin('GET', '/No%20key')).status).toBe(404);
  });

  test.each([
    ['one variant', { variants: [{ key: 'a', weight: 1 }] }, '/variants'],
    ['two variants of one key', { variants: Array(2).fill({ key: 'a', weight: 1 }) }, '/variants'],
    ['no weight', { variants: [{ key: 'a', weight: 0 }, { key: 'b', weight: 1 }] }, '/variants/0/weight'], // prettier-ignore
    ['an unknown metric', { metric: 'view' }, '/metric'],
    ['a key with a space', { key: 'a b' }, '/key'],
    ['a field that there is not', { traffic: 0.5 }, '/traffic'],
  ])('with %s is refused', async (_what, more, pointer) => {
    const { status, body } = await admin('POST', '', draft('bad', more));
    expect([status, body.code]).toEqual([422, 'validation-failed']);
    expect((body.errors as { pointer: string }[])[0]?.pointer).toBe(pointer);
  });

  test('is the back office’s business', async () => {
    expect((await ask('GET', '/v1/admin/experiments')).status).toBe(401);
    expect((await ask('PATCH', '/v1/admin/experiments/shelf', { state: 'stopped' })).status).toBe(401);
  });

  test('stands in a list, page by page', async () => {
    for (const key of ['list-a', 'list-b', 'list-c']) await admin('POST', '', draft(key));
    const seen: string[] = [];
    for (let next = '?limit=2'; next !== '';) {
      const { body, headers } = await admin('GET', next);
      seen.push(...(body.data as { key: string }[]).map(({ key }) => key));
      next = /\?[^>]+/.exec(headers.get('link') ?? '')?.[0] ?? '';
    }
    expect(seen.filter((key) => key.startsWith('list-'))).toEqual(['list-a', 'list-b', 'list-c']);
    expect(seen).toEqual([...seen].sort());
  });
});

describe('a visitor', () => {
  test('sees one variant of what runs, always the same, and none of a draft or of what is over', async () => {
    await admin('POST', '', draft('drafted'));
    await start('runs');
    await start('is-over');
    await become('is-over', 'stopped');
    const visitor = visitorId();
    const first = await assignments(visitor);
    expect(Object.keys(first).sort()).toEqual(['runs']);
    expect(['old', 'new']).toContain(first.runs);
    expect(await assignments(visitor)).toEqual(first);
    const shown = await Promise.all(Array.from({ length: 40 }, () => assignments(visitorId())));
    expect(new Set(shown.map(({ runs }) => runs))).toEqual(new Set(['old', 'new'])); // but for one time in 10^12
    await become('runs', 'stopped');
    expect(await assignments(visitor)).toEqual({});
  });

  test('must be one', async () => {
    for (const query of ['', '?visitor=ada', '?visitor=vis_1&x=1'])
      expect((await ask('GET', `/v1/experiments/assignments${query}`)).body.code).toBe('validation-failed');
  });
});

describe('the results', () => {
  test('count visitors who saw one variant, and those who then did what counts', async () => {
    await start('results');
    moment = Date.now();
    const see = (visitor: string, variant: string, experiment = 'results') =>
      happened(visitor, 'exposure', { experiment, variant });
    const visitors = Array.from({ length: 60 }, visitorId);
    const events = visitors.flatMap((visitor, n) => {
      const variant = n < 30 ? 'old' : 'new';
      const buys = n % 30 < (variant === 'old' ? 6 : 15);
      return [
        ...(n % 30 === 29 ? [happened(visitor, 'add_to_cart')] : []), // before it saw anything: does not count
        see(visitor, variant),
        see(visitor, variant), // again
        ...(buys ? [happened(visitor, 'add_to_cart'), happened(visitor, 'add_to_cart')] : []),
        happened(visitor, 'click'), // counts for nothing here
      ];
    });
    const both = visitorId();
    await send([
      ...events,
      see(both, 'old'),
      see(both, 'new'),
      happened(both, 'add_to_cart'),
      see(visitorId(), 'old', 'another'),
      happened(visitorId(), 'add_to_cart'),
    ]);
    // Within the run, though the clock that the events are made by is a little ahead.
    while (Date.now() <= moment) await new Promise((resolve) => setTimeout(resolve, 5));
    const { status, body } = await admin('GET', '/results/results');
    expect(status).toBe(200);
    const [old, fresh] = body.variants as Record<string, unknown>[];
    expect(old).toMatchObject({ key: 'old', exposed: 30, converted: 6, rate: 0.2, difference: null });
    expect(fresh).toMatchObject({ key: 'new', exposed: 30, converted: 15, rate: 0.5 });
    const { estimate, low, high } = fresh?.difference as Record<'estimate' | 'low' | 'high', number>;
    expect(estimate).toBeCloseTo(0.3, 12);
    expect([low.toFixed(3), high.toFixed(3)]).toEqual(['0.058', '0.498']);
    expect(body).toMatchObject({ level: 0.95, sawSeveral: 1 });
    expect(body.sampleRatio).toEqual({ chiSquare: 0, degreesOfFreedom: 1, pValue: 1, mismatch: false });
    const notes = (body.notes as string[]).join(' ');
    expect(notes).toContain('one look');
    expect(notes).toContain('still running');
    expect(JSON.stringify(body)).not.toMatch(/significan|winner/);
  });

  test('end where the experiment was stopped, and say when the shares do not fit the weights', async () => {
    await start('uneven', { variants: [{ key: 'old', weight: 9 }, { key: 'new', weight: 1 }] }); // prettier-ignore
    moment = Date.now();
    const see = (variant: string) => happened(visitorId(), 'exposure', { experiment: 'uneven', variant });
    await send(Array.from({ length: 100 }, (_, n) => see(n < 50 ? 'old' : 'new')));
    while (Date.now() <= moment) await new Promise((resolve) => setTimeout(resolve, 5));
    const { body: stopped } = await become('uneven', 'stopped');
    moment = Date.parse(String(stopped.stoppedAt)) + 1;
    await send(Array.from({ length: 10 }, () => see('old'))); // from a page that was open
    const { body } = await admin('GET', '/uneven/results');
    expect((body.variants as { exposed: number }[]).map(({ exposed }) => exposed)).toEqual([50, 50]);
    expect(body.countedUntil).toBe(stopped.stoppedAt);
    expect(body.sampleRatio).toMatchObject({ degreesOfFreedom: 1, mismatch: true });
    expect((body.notes as string[]).join(' ')).toContain('do not fit the weights');
  });

  test('of a draft are none, and of one that nobody saw are no rates', async () => {
    await admin('POST', '', draft('not-begun'));
    expect((await admin('GET', '/not-begun/results')).body).toMatchObject({
      countedFrom: null,
      notes: ['It has not begun.'],
    });
    await start('unseen');
    const { body } = await admin('GET', '/unseen/results');
    expect(body.sampleRatio).toBe(null);
    for (const variant of body.variants as unknown[])
      expect(variant).toMatchObject({ exposed: 0, converted: 0, rate: null, interval: null, difference: null });
    expect((await admin('GET', '/none/results')).status).toBe(404);
  });

  test('say so where events from their beginning are not kept any more', async () => {
    await start('long');
    const { pool } = shop.database.database;
    await pool.query(`update experiments set started_at = now() - interval '40 days' where key = 'long'`);
    const { body } = await admin('GET', '/long/results');
    expect(Date.parse(String(body.countedFrom))).toBeGreaterThan(Date.now() - 4 * 86_400_000);
    expect((body.notes as string[]).join(' ')).toContain('not kept any more');
  });
});
