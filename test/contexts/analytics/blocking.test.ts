import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { inOrder, parseModel, readModels, type Model } from '../../../src/contexts/analytics/pipeline/model-files';
import { LAYERS } from '../../../src/contexts/analytics/pipeline/outcomes';
import { listAlerts, listMarts, type Run } from '../../../src/contexts/analytics';
import { openWorkshop, runOf, type Workshop } from './workshop';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
  await shop.bring([
    '1,A,THING,2,2011-01-03 10:00:00,1.50,10,France',
    '2,B,THING,1,2011-02-03 10:00:00,2.00,11,France',
  ]);
});
afterEach(() => shop.close());

const states = ({ models }: Run): Record<string, string> =>
  Object.fromEntries(models.map(({ name, state }) => [name, state]));
const customers = (): Promise<unknown> => shop.query('select customer, monetary from customers order by customer');
const open = async (): Promise<string[]> =>
  (await listAlerts(shop.database.pool, 10))
    .filter((one) => one.resolvedAt === null)
    .map((one) => `${one.model}: ${one.test}`);

test('data that breaks a test keeps every mart that is made of it as it was, and raises one alert until it is mended', async () => {
  const first = await shop.run();
  expect(first.state).toBe('succeeded');
  const before = await customers();

  // A line without a country, which no import lets through, and another sale.
  await shop.bring(['3,A,THING,1,2011-03-03 10:00:00,9.00,10,France']);
  await shop.database.pool.query(`alter table past_order_lines alter column country drop not null`);
  await shop.database.pool.query(`update past_order_lines set country = null where invoice = '3'`);
  const second = await shop.run();
  expect(second).toMatchObject({ state: 'failed', error: expect.stringContaining('customers') });
  expect(states(second)).toMatchObject({
    ...{ stg_past_order_lines: 'built', int_sales: 'failed', int_customer_orders: 'blocked', customers: 'blocked' },
    ...{ rfm: 'blocked', funnel: 'published' },
  });
  expect(await customers()).toEqual(before);
  const marts = new Map((await listMarts(shop.database.pool)).map(({ name, runId }) => [name, runId]));
  expect([marts.get('customers'), marts.get('funnel')]).toEqual([first.id, second.id]);
  const alert = [expect.stringMatching(/^int_sales: not_null\(.*country\)$/)];
  expect(await open()).toEqual(alert);

  // The same failure is the same alert.
  await shop.run();
  expect(await open()).toEqual(alert);
  expect(await listAlerts(shop.database.pool, 10)).toHaveLength(1);

  await shop.database.pool.query(
    `update past_order_lines set country = 'France', batch = 'mended' where invoice = '3'`,
  );
  await shop.database.pool.query(`insert into analytics_exports (dataset, key) values ('past_order_lines', 'mended')`);
  // The archive has the broken line still: it is taken out as a person would, and the mended one comes.
  await rm(path.join(shop.directory, 'archive/past_order_lines/month=2011-03'), { recursive: true });
  expect((await shop.run()).state).toBe('succeeded');
  expect(await open()).toEqual([]);
  expect(await customers()).not.toEqual(before);
});

test('a model that cannot be built is an alert of its own, and the others go on', async () => {
  const broken = parseModel('customers', 'marts', '-- Broken.\nselect nothing_there from {{int_customer_orders}}');
  const models = readModels().map((model) => (model.name === 'customers' ? broken : model));
  const run = await runOf(shop.database, shop.another({ models }));
  expect(states(run)).toMatchObject({ customers: 'failed', rfm: 'blocked', cohorts: 'published' });
  expect(await open()).toEqual(['customers: can be built']);
});

test('a test that cannot be counted does not hold, is an alert with the reason, and the models beside it go on', async () => {
  const broken = parseModel('int_products', 'intermediate', '-- Broken.\nselect nothing_there from {{products}}');
  const asked = parseModel(
    'searches_without_results',
    'marts',
    `-- Asks for what is not there.\n-- @test holds(no_such_column > 0)\n${readModels().find(({ name }) => name === 'searches_without_results')?.sql}`,
  );
  const models = readModels().map((model) => [broken, asked].find(({ name }) => name === model.name) ?? model);
  const run = await runOf(shop.database, shop.another({ models }));
  expect(states(run)).toMatchObject({
    int_products: 'failed',
    searches_without_results: 'failed',
    customers: 'blocked',
    funnel: 'published',
  });
  const alerts = await listAlerts(shop.database.pool, 20);
  expect(alerts.map((one) => `${one.model}: ${one.test}`)).toEqual(
    expect.arrayContaining([
      'int_products: can be built',
      expect.stringMatching(/^int_sales: relationships\(.*int_products/),
      'searches_without_results: holds(no_such_column > 0)',
    ]),
  );
  expect(alerts.find(({ model }) => model === 'searches_without_results')?.detail).toMatch(
    /could not be counted: .*no_such_column/s,
  );
});

test('a run that cannot be carried out is an alert until one is', async () => {
  const another = shop.another({
    products: () => {
      throw new Error('the catalogue is away');
    },
  });
  expect((await runOf(shop.database, another)).state).toBe('failed');
  expect(await open()).toEqual(['(run): can be carried out']);
  expect((await shop.run()).state).toBe('succeeded');
  expect(await open()).toEqual([]);
});

test('a warning raises an alert and blocks nothing', async () => {
  const models = readModels().map((model) =>
    model.name === 'customers'
      ? parseModel('customers', 'marts', `-- Old.\n-- @warn freshness(last_order_at, 2 days)\n${model.sql}`)
      : model,
  );
  const run = await runOf(shop.database, shop.another({ models }));
  expect(run.state).toBe('succeeded');
  expect(await open()).toEqual(['customers: freshness(last_order_at, 2 days)']);
});

describe('each kind of test', () => {
  const failing: readonly (readonly [test: string, failures: number])[] = [
    ['unique(a)', 1],
    ['unique(a, b)', 0],
    ['not_null(a, b)', 1],
    ['accepted_values(b, x, y)', 1],
    ['accepted_values(b, x, y, z)', 0],
    ['relationships(b, other.c)', 2],
    ['freshness(seen, 2 days)', 1],
    ['freshness(seen, 20000 days)', 0],
    ['holds(a < 3)', 1],
    ['holds(b is not null or a = 2)', 0],
  ];

  test('counts what breaks it', async () => {
    const tests = failing.map(([test]) => `-- @warn ${test}`).join('\n');
    const models = inOrder([
      parseModel(
        'thing',
        'marts',
        `-- Things.\n${tests}\nselect * from (values (1, 'x', timestamp '2011-01-01'), (1, 'y', null), (2, null, null), (3, 'z', null)) as t(a, b, seen)`,
      ),
      parseModel('other', 'staging', `-- Others.\nselect * from (values ('x'), (null)) as t(c)`),
    ]);
    const run = await runOf(shop.database, shop.another({ models }));
    const found = run.models.find(({ name }) => name === 'thing')?.tests.map(({ test, failures }) => [test, failures]);
    expect(found).toEqual(failing);
  });
});

describe('the files of the models', () => {
  test('say what they are, test something, and come after what they are made of', () => {
    const models = readModels();
    const names = models.map(({ name }) => name);
    for (const model of models) {
      expect([model.name, model.description.length > 20, model.tests.length > 0]).toEqual([model.name, true, true]);
      for (const parent of model.parents) expect(names.indexOf(parent)).toBeLessThan(names.indexOf(model.name));
      if (model.layer === 'marts') expect(model.until).toBeDefined();
    }
    const folder = path.join(__dirname, '../../../src/contexts/analytics/models');
    expect(models).toHaveLength(LAYERS.flatMap((layer) => readdirSync(path.join(folder, layer))).length);
    for (const layer of LAYERS)
      for (const file of readdirSync(path.join(folder, layer)))
        expect(readFileSync(path.join(folder, layer, file), 'utf8')).toMatch(/^-- \S/);
  });

  test('are refused where a name leads nowhere, in a circle, or a step further', () => {
    const model = (name: string, sql: string, layer: Model['layer'] = 'marts'): Model =>
      parseModel(name, layer, `-- X.\n${sql}`);
    expect(() => inOrder([model('a', 'from {{b}}')])).toThrow('there is no model "b"');
    expect(() => inOrder([model('a', 'from {{source.b}}')])).toThrow('the archive has no "b"');
    expect(() => inOrder([model('a', 'from {{b}}'), model('b', 'from {{a}}')])).toThrow('is a circle');
    expect(() => inOrder([model('a', 'from {{b}}', 'staging'), model('b', 'select 1')])).toThrow('a step further');
    expect(() => parseModel('a', 'marts', '-- @tset unique(a)\nselect 1')).toThrow('there is no "@tset');
    expect(() => parseModel('a', 'marts', '-- @test unique()\nselect 1')).toThrow('is no test');
  });
});
