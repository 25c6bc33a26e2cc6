import { parquetReadObjects } from 'hyparquet';
import { REPORTS } from '../../../src/contexts/analytics/reports';
import { reportSchema } from '../../../src/contexts/analytics/schemas';
import { PastOrders } from '../../../src/contexts/analytics';
import { ADMIN_TOKEN, startTestApp, type TestApp } from '../../support/app';

let shop: TestApp;
beforeAll(async () => {
  shop = await startTestApp();
});
afterAll(() => shop.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: ArrayBuffer;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers: expectations read it
  readonly body: any;
}

async function ask(where: string, method = 'GET', token = ADMIN_TOKEN): Promise<Answer> {
  const answer = await fetch(`${shop.url}/v1/admin/analytics${where}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
  });
  const bytes = await answer.arrayBuffer();
  const isJson = answer.headers.get('content-type')?.includes('json');
  const body: unknown = isJson ? JSON.parse(Buffer.from(bytes).toString()) : undefined;
  return { status: answer.status, headers: answer.headers, bytes, body };
}

/** A run asked for over HTTP, at its end. */
async function run(): Promise<Answer['body']> {
  const asked = await ask('/runs', 'POST');
  expect(asked.status).toBe(202);
  for (;;) {
    // A process has to start first: on a busy machine that takes a while. The test's own time is the bound.
    const { body } = await ask(`/runs/${asked.body.id}`);
    if (['succeeded', 'failed'].includes(body.state)) return body;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const line = (n: number, customer: string | null, month: number): Parameters<PastOrders['save']>[0][number] => ({
  ...{ kind: 'sale', invoice: `I${n}`, sku: 'MUG', isProduct: true, description: '=cmd|calc', quantity: 2 },
  ...{ amount: 500 + n, unitPrice: '250', orderedAt: new Date(Date.UTC(2011, month, 3, 10)), customer },
  country: '=France',
});

test('before the first run every report says so, and there is no file', async () => {
  for (const report of REPORTS) {
    const { status, body } = await ask(`/${report.path}`);
    expect([report.path, status]).toEqual([report.path, 200]);
    expect(body).toMatchObject({ data: [], run: null, note: expect.stringContaining('has not run') });
  }
  expect((await ask('/rfm?format=csv')).body.code).toBe('not-found');
});

test('nobody but the back office is told anything', async () => {
  for (const where of ['/revenue', '/runs', '/lineage', '/alerts'])
    expect((await ask(where, 'GET', 'not-the-token')).status).toBe(401);
});

describe('after a run', () => {
  beforeAll(async () => {
    const orders = new PastOrders(shop.database.database, 'test', 'GBP');
    await orders.save([line(1, 'ada', 0), line(2, 'ada', 2), line(3, 'bob', 2), line(4, null, 2)]);
    expect(await run()).toMatchObject({ state: 'succeeded', exported: { past_order_lines: 4 } });
  });

  test('every report answers what OpenAPI says of it', async () => {
    for (const report of REPORTS) {
      const { status, body } = await ask(`/${report.path}`);
      expect([report.path, status]).toEqual([report.path, 200]);
      expect(() => reportSchema(report.row.strict()).parse(body)).not.toThrow();
    }
  });

  test('money is minor units with a currency, and guests stand apart', async () => {
    const { body } = await ask('/revenue?by=month&from=2011-02-01');
    expect(body.data).toEqual([
      {
        ...{ month: '2011-03-01', orders: 2, customers: 2, lines: 2, units: 4 },
        ...{ revenue: { amount: 1005, currency: 'GBP' }, guestOrders: 1 },
        ...{ refunded: { amount: 0, currency: 'GBP' }, net: { amount: 1005, currency: 'GBP' } },
        ...{ guestRevenue: { amount: 504, currency: 'GBP' }, guestRefunded: { amount: 0, currency: 'GBP' } },
      },
    ]);
    expect(body.run).toMatchObject({ dataUntil: '2011-03-03T10:00:00' });
  });

  test('a long report comes in pages, whose cursor is of one run', async () => {
    const first = await ask('/customers?limit=1');
    expect(first.body.data).toMatchObject([{ customer: 'ada', orders: 2 }]);
    expect(first.headers.get('link')).toContain('rel="next"');
    const second = await ask(`/customers?limit=1&after=${first.body.page.next}`);
    expect(second.body).toMatchObject({ data: [{ customer: 'bob' }], page: { next: null, hasMore: false } });
    expect(second.headers.get('link')).toBeNull();
    await run();
    expect((await ask(`/customers?limit=1&after=${first.body.page.next}`)).body.code).toBe('validation-failed');
  });

  test('a file has every row: CSV that no spreadsheet takes for a formula, and Parquet', async () => {
    const csv = await ask('/revenue?by=region&format=csv');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="revenue.csv"');
    expect(Buffer.from(csv.bytes).toString().split('\n')).toEqual([
      'month,country,currency,orders,customers,lines,units,revenue,refunded,net,guest_orders,guest_revenue,guest_refunded',
      "2011-01-01,'=France,GBP,1,1,1,2,501,0,501,0,0,0",
      "2011-03-01,'=France,GBP,2,2,2,4,1005,0,1005,1,504,0",
      '',
    ]);
    const parquet = await ask('/rfm?format=parquet');
    const rows = await parquetReadObjects({ file: parquet.bytes, columns: ['customer', 'monetary'] });
    expect(rows).toEqual([
      { customer: 'ada', monetary: 1003n },
      { customer: 'bob', monetary: 503n },
    ]);
  });

  test('what is not acceptable is named, and nothing of it gets into SQL', async () => {
    for (const where of ['/revenue?by=week', '/revenue?from=2011-02-30x', "/rfm?segment='--", '/cohorts?limit=0'])
      expect((await ask(where)).body.code).toBe('validation-failed');
    expect((await ask(`/revenue?currency=${encodeURIComponent("x' or 1=1")}`)).status).toBe(422);
  });

  test('lineage names what each mart is made of, with the tests of the last run', async () => {
    const { body } = await ask('/lineage');
    const rfm = body.nodes.find(({ name }: { name: string }) => name === 'rfm');
    expect(rfm).toMatchObject({ kind: 'marts', state: 'published', rows: 2 });
    expect(rfm.tests).toContainEqual({ test: 'unique(customer, currency)', state: 'passed', failures: 0, error: null });
    expect(body.edges).toContainEqual({ from: 'customers', to: 'rfm' });
    expect(body.edges).toContainEqual({ from: 'source.past_order_lines', to: 'stg_past_order_lines' });
  });
});
