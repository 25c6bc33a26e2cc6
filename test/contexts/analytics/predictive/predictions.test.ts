import { parquetReadObjects } from 'hyparquet';
import {
  churnSchema,
  clvSchema,
  forecastSchema,
  modelDetailSchema,
  trainingSchema,
} from '../../../../src/contexts/analytics/predictive/schemas';
import { ADMIN_TOKEN, startTestApp, type TestApp } from '../../../support/app';
import { importHistory } from './history';

/** A run and a training each start a process or a thread, at a low priority: on a busy machine that takes long. */
const PATIENCE_MILLISECONDS = 200_000;

let shop: TestApp;
beforeAll(async () => {
  shop = await startTestApp();
});
afterAll(() => shop.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: ArrayBuffer;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers: expectations read it
  readonly body: any;
}

async function ask(where: string, method = 'GET', body?: unknown, token = ADMIN_TOKEN): Promise<Answer> {
  const answer = await fetch(`${shop.url}/v1/admin/analytics${where}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const bytes = await answer.arrayBuffer();
  const text = Buffer.from(bytes).toString();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return { status: answer.status, headers: answer.headers, bytes, text, body: isJson ? JSON.parse(text) : undefined };
}

/** A run or a training that is asked for over HTTP, at its end. */
async function carriedOut(what: 'runs' | 'trainings'): Promise<Answer['body']> {
  const asked = await ask(`/${what}`, 'POST');
  expect([asked.status, asked.headers.get('location')]).toEqual([202, `/v1/admin/analytics/${what}/${asked.body.id}`]);
  for (;;) {
    // A process or a thread has to start first: the test's own time is the bound.
    const { body } = await ask(`/${what}/${asked.body.id}`);
    if (['succeeded', 'failed'].includes(body.state)) return body;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('without data everything says so, and a training says what is missing', async () => {
  for (const kind of ['clv', 'churn', 'forecast']) {
    const { status, body } = await ask(`/${kind}`);
    expect([kind, status]).toEqual([kind, 200]);
    expect(body).toMatchObject({ model: null, data: [], note: expect.stringContaining('no model yet') });
    for (const format of ['csv', 'parquet'])
      expect((await ask(`/${kind}?format=${format}`)).body.code).toBe('not-found');
  }
  const training = await carriedOut('trainings');
  expect(training).toMatchObject({ state: 'succeeded', source: null });
  expect(training.outcomes).toHaveLength(3);
  for (const { modelId, verdict } of training.outcomes) {
    expect(modelId).toBeNull();
    expect(verdict).toContain('has not run yet');
  }
});

test('nobody but the back office is told anything', async () => {
  for (const where of ['/models', '/trainings', '/clv', '/churn', '/forecast'])
    expect((await ask(where, 'GET', undefined, 'not-the-token')).status).toBe(401);
});

describe('after a training', () => {
  let training: Answer['body'];
  beforeAll(async () => {
    await importHistory(shop.database.database);
    expect(await carriedOut('runs')).toMatchObject({ state: 'succeeded', error: null });
    training = await carriedOut('trainings');
  }, PATIENCE_MILLISECONDS);
  const outcomeOf = (kind: string): { modelId: string; verdict: string } =>
    training.outcomes.find((one: { kind: string }) => one.kind === kind);

  test('each kind has a model, judged, and in production where it is no worse than the simplest guess', async () => {
    expect(training.error).toBeNull();
    expect(() => trainingSchema.strict().parse(training)).not.toThrow();
    for (const kind of ['clv', 'churn', 'forecast']) {
      const { body } = await ask(`/models/${outcomeOf(kind).modelId}`);
      expect(() => modelDetailSchema.strict().parse(body)).not.toThrow();
      expect(body).toMatchObject({ kind, version: 1, trainingId: training.id, currency: 'GBP' });
      expect([kind, body.stage]).toEqual([kind, body.skill >= 0 ? 'production' : 'staging']);
      expect(body.verdict).toBe(outcomeOf(kind).verdict);
      expect(body.artefact).toMatchObject({ from: '2023-01-02' });
    }
  });

  test('lifetime values come by worth, in pages, and all of them as CSV', async () => {
    const first = await ask('/clv?limit=100');
    expect(() => clvSchema.strict().parse(first.body)).not.toThrow();
    const { summary, data, page } = first.body;
    expect(page.hasMore).toBe(true);
    expect(first.headers.get('link')).toContain('rel="next"');
    const all = [...data];
    for (let next = page.next; next !== null;) {
      const { body } = await ask(`/clv?limit=100&after=${next}`);
      all.push(...body.data);
      next = body.page.next;
    }
    expect(new Set(all.map(({ customer }) => customer)).size).toBe(summary.customers);
    const amounts = all.map(({ value }) => value.amount as number);
    expect([...amounts].sort((left, right) => right - left)).toEqual(amounts);
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(summary.totalValue.amount);
    const csv = await ask('/clv?format=csv');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="clv.csv"');
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('customer,value,probability_alive,expected_purchases,expected_spend,currency');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(all.map(({ customer }) => customer));
    const rows = await parquetReadObjects({ file: (await ask('/clv?format=parquet')).bytes });
    expect(rows.map(({ customer }) => customer)).toEqual(all.map(({ customer }) => customer));
    expect(rows[0]).toMatchObject({ value: BigInt(all[0].value.amount), currency: 'GBP' });
  });

  test('churn is a probability of each customer, and its evaluation is on later days', async () => {
    const { body } = await ask('/churn?limit=100');
    expect(() => churnSchema.strict().parse(body)).not.toThrow();
    for (const { probability } of body.data) expect(probability > 0 && probability < 1).toBe(true);
    expect(body.summary.bands.reduce((sum: number, band: { customers: number }) => sum + band.customers, 0)).toBe(
      body.summary.customers,
    );
    expect(body.metrics.areaUnderCurve).toBeGreaterThan(0.6);
    expect(body.metrics.testedAt > body.metrics.trainedAt).toBe(true);
    expect(body.metrics.deciles).toHaveLength(10);
  });

  test('the forecast has intervals, nothing on Saturdays, and says so', async () => {
    const { body } = await ask('/forecast');
    expect(() => forecastSchema.strict().parse(body)).not.toThrow();
    expect(body.data).toHaveLength(28);
    for (const { date, amount, lower80, upper80, lower95, upper95 } of body.data) {
      const closed = new Date(date).getUTCDay() === 6;
      expect([date, amount.amount === 0]).toEqual([date, closed]);
      const order = [lower95, lower80, amount, upper80, upper95].map((money) => money.amount as number);
      expect([...order].sort((left, right) => left - right)).toEqual(order);
    }
    expect(body.model.remarks.join(' ')).toContain('Nothing is sold on Saturdays');
    expect((await ask('/forecast?format=csv')).text.trimEnd().split('\r\n')).toHaveLength(29);
    const file = await ask('/forecast?format=parquet');
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="forecast.parquet"');
    const rows = await parquetReadObjects({ file: file.bytes });
    expect(rows.map((row) => Number(row.lower80))).toEqual(body.data.map((one: Answer['body']) => one.lower80.amount));
    expect(rows[0]?.date).toEqual(new Date(body.data[0].date));
  });

  test(
    'a second training makes second versions, and a person may go back, even to a worse one if they say so',
    async () => {
      const again = await carriedOut('trainings');
      const [before, after] = [
        outcomeOf('churn'),
        again.outcomes.find((one: { kind: string }) => one.kind === 'churn'),
      ];
      const stageOf = async (id: string): Promise<string> => (await ask(`/models/${id}`)).body.stage;
      expect(await stageOf(after.modelId)).toBe('production');
      expect(await stageOf(before.modelId)).toBe('archived');
      const back = await ask(`/models/${before.modelId}/activation`, 'POST', {});
      expect([back.status, back.body.stage, back.body.version]).toEqual([200, 'production', 1]);
      expect(await stageOf(after.modelId)).toBe('archived');
      expect((await ask('/churn')).body.model.id).toBe(before.modelId);
      await shop.database.database.pool.query('update analytics_models set skill = skill - 0.5 where id = $1', [
        after.modelId,
      ]);
      const refused = await ask(`/models/${after.modelId}/activation`, 'POST', {});
      expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
      const forced = await ask(`/models/${after.modelId}/activation`, 'POST', { evenIfWorse: true });
      expect([forced.status, forced.body.stage]).toEqual([200, 'production']);
      const { body } = await ask('/models?kind=churn');
      expect(body.data.map(({ version, stage }: { version: number; stage: string }) => [version, stage])).toEqual([
        [2, 'production'],
        [1, 'archived'],
      ]);
      const cursor = (await ask('/churn?limit=1')).body.page.next;
      await ask(`/models/${before.modelId}/activation`, 'POST', {});
      expect((await ask(`/churn?limit=1&after=${cursor}`)).body.code).toBe('validation-failed');
    },
    PATIENCE_MILLISECONDS,
  );
});
