import { v7 } from 'uuid';
import request from 'supertest';
import { event, openTrackingShop, productId, visitorId, type TrackingShop } from './shop';

let shop: TrackingShop;
beforeAll(async () => {
  shop = await openTrackingShop();
});
afterAll(() => shop.close());
beforeEach(() => shop.database.pool.query('truncate tracking_events, tracking_batches'));

const none = { accepted: 0, duplicates: 0, withoutConsent: 0, bots: 0, refused: 0, errors: [] };

describe('POST /v1/events:batch', () => {
  test('stores every kind of event under its id, with the time that is in the id', async () => {
    const at = Date.now() - 5_000;
    const visitor = visitorId();
    const product = productId();
    const order = `ord_${v7()}`;
    const common = { visitorId: visitor };
    const events = [
      event({ ...common, type: 'view', productId: product, slot: 'home' }, at),
      event({ ...common, type: 'search', query: 'Red  Mug', results: 12 }, at + 1),
      event({ ...common, type: 'click', productId: product, query: 'red mug', position: 3, slot: 'search' }, at + 2),
      event({ ...common, type: 'add_to_cart', productId: product, quantity: 2 }, at + 3),
      event({ ...common, type: 'purchase', productId: product, orderId: order, quantity: 2 }, at + 4),
      event({ ...common, type: 'exposure', experiment: 'ranking-1', variant: 'null' }, at + 5),
    ];
    const answer = await shop.send(events);
    expect([answer.status, answer.body]).toEqual([200, { ...none, accepted: 6 }]);
    const empty = { product_id: null, order_id: null, query: null, results: null, position: null };
    const nothing = { ...empty, quantity: null, slot: null, experiment: null, variant: null };
    const product_id = product.slice(4);
    expect(await shop.stored()).toEqual(
      [
        { ...nothing, type: 'view', product_id, slot: 'home' },
        { ...nothing, type: 'search', query: 'red mug', results: 12 },
        { ...nothing, type: 'click', product_id, query: 'red mug', position: 3, slot: 'search' },
        { ...nothing, type: 'add_to_cart', product_id, quantity: 2 },
        { ...nothing, type: 'purchase', product_id, order_id: order.slice(4), quantity: 2 },
        { ...nothing, type: 'exposure', experiment: 'ranking-1', variant: 'null' },
      ].map((row, n) => ({
        ...row,
        id: events[n]?.id.slice(4),
        visitor_id: visitor.slice(4),
        occurred_at: new Date(at + n),
        batch: expect.any(String),
        received_at: expect.any(Date),
      })),
    );
  });

  test('refuses what is no event by line, field and reason, and takes the rest', async () => {
    const good = event();
    const answer = await shop.send([
      good,
      { ...event(), email: 'ada@example.org' },
      { ...event(), productId: 'MUG-RED' },
      { ...event(), type: 'hover' },
      event({ type: 'search' }),
      'nonsense',
      event({}, Date.now() - 3 * 86_400_000),
      event({}, Date.now() + 2 * 3_600_000),
    ]);
    expect(answer.body).toMatchObject({ accepted: 1, refused: 7 });
    expect(answer.body.errors.map((error: Record<string, unknown>) => [error.line, error.field, error.reason])).toEqual(
      [
        [2, '/email', 'is not a field of this request'],
        [3, '/productId', 'must be prd_ and a UUID in lower case'],
        [4, '/type', expect.any(String)],
        [5, '/query', 'is missing'],
        [6, '/', 'must be an object'],
        [7, '/id', expect.stringContaining('events are taken for 48 hours')],
        [8, '/id', expect.stringContaining('which is yet to come')],
      ],
    );
    expect((await shop.stored()).map(({ id }) => `evt_${String(id)}`)).toEqual([good.id]);
  });

  test('takes JSON lines, and text as a page sends it when it is left', async () => {
    for (const type of ['application/x-ndjson', 'text/plain;charset=UTF-8']) {
      const body = [JSON.stringify(event()), '', '{"id":', JSON.stringify(event())].join('\n');
      const answer = await request(shop.app).post('/v1/events:batch').set('Content-Type', type).send(body);
      expect(answer.body).toEqual({
        ...none,
        accepted: 2,
        refused: 1,
        errors: [{ line: 3, field: '', code: 'malformed', reason: 'is no JSON' }],
      });
    }
  });

  test('stores nothing of a visitor who did not agree, and says so', async () => {
    const answer = await shop.send([event({ consent: false }), event({ consent: undefined }), event()]);
    expect(answer.body).toEqual({ ...none, accepted: 1, withoutConsent: 2 });
    expect(await shop.stored()).toHaveLength(1);
  });

  test('stores nothing that a crawler sends', async () => {
    const agent = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
    const sent = request(shop.app).post('/v1/events:batch').set('User-Agent', agent);
    expect((await sent.send({ events: [event()] })).body).toEqual({ ...none, bots: 1 });
    expect(await shop.stored()).toEqual([]);
  });

  test('counts an event once: twice in a batch, sent again, and sent by several at once', async () => {
    const one = event();
    expect((await shop.send([one, one])).body).toEqual({ ...none, accepted: 1, duplicates: 1 });
    const two = event();
    expect((await shop.send([two, one])).body).toEqual({ ...none, accepted: 1, duplicates: 1 });
    const many = Array.from({ length: 50 }, () => event());
    const answers = await Promise.all([1, 2, 3, 4].map((n) => shop.send(n % 2 ? many : [...many].reverse())));
    const sum = (what: 'accepted' | 'duplicates'): number =>
      answers.reduce((total, { body }) => total + (body as Record<string, number>)[what]!, 0);
    expect([sum('accepted'), sum('duplicates')]).toEqual([50, 150]);
    expect(await shop.stored()).toHaveLength(52);
  });

  test('keeps no address and no number that somebody typed into the search box', async () => {
    await shop.send([
      event({ type: 'search', query: 'Mug for ada@example.org, call +44 20 7946 0958 "now"\\ \u0000' }),
    ]);
    expect((await shop.stored())[0]).toMatchObject({ query: 'mug for call "now"\\' });
  });

  test('refuses as a whole what is no batch', async () => {
    const post = (type: string, body: string): request.Test =>
      request(shop.app).post('/v1/events:batch').set('Content-Type', type).send(body);
    const answers = [
      await post('application/json', '{"events":'),
      await post('application/json', '{"event":[]}'),
      await post('application/json', JSON.stringify({ events: Array.from({ length: 501 }, () => 1) })),
      await post('application/x-ndjson', '1\n'.repeat(501)),
      await post('application/json', JSON.stringify({ events: ['x'.repeat(600_000)] })),
      await post('application/xml', '<events/>'),
      await request(shop.app).get('/v1/events:batch'),
    ];
    expect(answers.map(({ body }) => body.code)).toEqual([
      'malformed-request',
      'validation-failed',
      'payload-too-large',
      'payload-too-large',
      'payload-too-large',
      'unsupported-media-type',
      'method-not-allowed',
    ]);
  });
});

describe('the rate of a visitor', () => {
  test('lets so many events of a minute through, and counts the rest as a program', async () => {
    const strict = await openTrackingShop({}, 5);
    try {
      const visitor = visitorId();
      const events = Array.from({ length: 8 }, () => event({ visitorId: visitor }));
      expect((await strict.send([...events, event()])).body).toEqual({ ...none, accepted: 6, bots: 3 });
    } finally {
      await strict.close();
    }
  });
});
