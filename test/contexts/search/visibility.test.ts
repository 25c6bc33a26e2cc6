import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { streamSearchableProducts } from '../../../src/contexts/catalogue';
import { changeProduct, createProduct, removeProduct } from '../../../src/contexts/catalogue/products';
import { newProductSchema } from '../../../src/contexts/catalogue/schemas';
import { startSearch, type SearchService } from '../../../src/contexts/search';
import type { Database } from '../../../src/platform/database';
import { startOutbox, type Outbox } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { throughLostConnections } from '../../platform/outbox/support';
import { silent, suggestionsOf, until } from './support';

let scratch: TestDatabase;
let database: Database;
let outbox: Outbox;
let search: SearchService;
const children: ChildProcess[] = [];

beforeAll(async () => {
  scratch = await createTestDatabase();
  ({ database } = scratch);
});
beforeEach(async () => {
  outbox = startOutbox({ database, log: silent });
  search = startSearch({
    outbox,
    products: () => streamSearchableProducts(database),
    log: silent,
    cacheBytes: 1 << 20,
  });
  await search.whenReady();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await search.close();
  await outbox.close();
});
afterAll(() => scratch.drop());

let number = 0;
async function create(name: string): Promise<string> {
  const input = newProductSchema.parse({
    sku: `VIS-${++number}`,
    name,
    price: { amount: 295, currency: 'GBP' },
    status: 'active',
  });
  return (await createProduct({ database, currency: 'GBP' }, input)).id;
}
const rename = (id: string, name: string): Promise<unknown> =>
  changeProduct({ database, currency: 'GBP' }, id, undefined, { name });

const here = (q: string): string[] =>
  suggestionsOf(search.answer(new URLSearchParams({ q }).toString()).toString()).map(({ id }) => id);

/** Runs a process and resolves with its first line of output. */
async function start(...words: string[]): Promise<{ child: ChildProcess; line: string }> {
  const script = path.join(__dirname, 'server-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
  });
  return { child, line };
}

async function kill(child: ChildProcess): Promise<void> {
  const dead = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await dead;
}

async function there(address: string, q: string): Promise<string[]> {
  const response = await fetch(`${address}/v1/suggestions?${new URLSearchParams({ q })}`);
  return suggestionsOf(await response.text()).map(({ id }) => id);
}

// How soon is measured by the bench gate; here `until` is patient.
describe('a committed change of a product becomes visible in suggestions', () => {
  test('in the process itself: created, renamed, taken off sale, removed', async () => {
    const id = await create('Marmalade');
    await until('it is found', () => here('marmal').includes(id));
    await rename(id, 'Piccalilli');
    await until('it has its new name', () => here('piccal').includes(id));
    expect(here('marmal')).toEqual([]);
    await changeProduct({ database, currency: 'GBP' }, id, undefined, { status: 'archived' });
    await until('it is gone', () => here('piccal').length === 0);
    await changeProduct({ database, currency: 'GBP' }, id, undefined, { status: 'active' });
    await until('it is back', () => here('piccal').includes(id));
    await removeProduct(database, id, undefined);
    await until('it is gone for good', () => here('piccal').length === 0);
  });

  test('and at the same moment in results, with their counts', async () => {
    const results = (): { total: number; data: { id: string; price: { amount: number } }[] } =>
      JSON.parse(search.results('q=semolina&facets=price,inStock').body.toString()) as ReturnType<typeof results>;
    const id = await create('Semolina');
    await until('it is found', () => here('semolina').includes(id));
    expect(results()).toMatchObject({ total: 1, data: [{ id, price: { amount: 295 } }] });
    await changeProduct({ database, currency: 'GBP' }, id, undefined, { price: { amount: 350, currency: 'GBP' } });
    await until('it has its new price', () => results().data[0]?.price.amount === 350);
    await removeProduct(database, id, undefined);
    await until('it is gone', () => here('semolina').length === 0);
    expect(results().total).toBe(0);
  });

  test('in a second process on the same database', async () => {
    const id = await create('Shortbread');
    const { line: address } = await start('serve', scratch.url);
    expect(await there(address, 'shortbr')).toEqual([id]);
    for (const name of ['Oatcake', 'Flapjack', 'Parkin', 'Gingernut']) {
      await rename(id, name);
      await until(`${name} is there`, async () => (await there(address, name)).includes(id));
    }
  });

  test('also when the process that changed it is killed between the commit and the publication', async () => {
    const id = await create('Lapsang');
    await until('it is found', () => here('lapsang').includes(id));
    const { line: address } = await start('serve', scratch.url);
    const { child, line } = await start('write', scratch.url, id, 'Souchong');
    expect(line).toBe('committed');
    await kill(child);
    await until('it is here', () => here('souchong').includes(id));
    await until('it is there', async () => (await there(address, 'souchong')).includes(id));
  });

  test('also when every process is killed between the commit and the publication: the next to start shows it', async () => {
    const id = await create('Assam');
    await search.close();
    await outbox.close();
    const { child } = await start('write', scratch.url, id, 'Darjeeling');
    await kill(child);
    const pending = await database.pool.query('select 1 from outbox_events where position is null');
    expect(pending.rowCount).toBeGreaterThan(0);
    outbox = startOutbox({ database, log: silent });
    search = startSearch({
      outbox,
      products: () => streamSearchableProducts(database),
      log: silent,
      cacheBytes: 1 << 20,
    });
    await search.whenReady();
    expect(here('darjeel')).toEqual([id]);
    await rename(id, 'Nilgiri');
    await until('it follows again', () => here('nilgiri').includes(id));
  });

  test('also when a serving process is killed again and again while products change', async () => {
    const id = await create('Batch 0');
    for (let round = 1; round <= 3; round++) {
      const { child } = await start('serve', scratch.url);
      const writes = Promise.all([rename(id, `Batch ${round}`), create(`Extra ${round}`)]);
      await kill(child);
      await writes;
      await until('it is here', () => here(`batch ${round}`).includes(id));
      await until('the other too', () => here(`extra ${round}`).length === 1);
    }
    await until('it has caught up', () => search.status().lag === 0);
    expect(search.status()).toMatchObject({ builds: 1, refused: 0 });
  });
});

describe('the index is built anew, while the old one answers', () => {
  test('when retention has removed what it had to read next', async () => {
    const id = await create('Cardamom');
    await until('it is found', () => here('cardam').includes(id));
    // As if the process had slept through a week: its next events are published and already swept.
    await database.pool.query('update outbox_partitions set position = position + 3');
    await rename(id, 'Turmeric');
    await until('it has its new name', () => here('turmer').includes(id));
    expect(search.status().builds).toBe(2);
  });

  test('when an event cannot be applied, since the catalogue knows better', async () => {
    const id = await create('Saffron');
    await until('it is found', () => here('saffr').includes(id));
    await database.pool.query(`update products set name = 'Sumac', version = version + 1 where id = $1`, [id]);
    await database.pool.query(
      `insert into outbox_events (aggregate, version, partition, type, source, subject, data)
       select aggregate, version + 1, partition, 'easy11.product.updated.v1', source, subject, '{"broken":true}'
       from outbox_events where subject = $1`,
      [id],
    );
    await until('it has its new name', () => here('sumac').includes(id));
    expect(search.status().builds).toBe(2);
    await rename(id, 'Fenugreek');
    await until('it follows again', () => here('fenug').includes(id));
  });
});

test('the index follows again by itself after the database has cut every connection', async () => {
  const id = await create('Basil');
  await until('it is found', () => here('basil').includes(id));
  await database.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await throughLostConnections(() => rename(id, 'Oregano'));
  await until('it has its new name', () => here('oregano').includes(id));
  await until('its loop has recovered', () => search.status().consecutiveErrors === 0);
  expect(search.status().builds).toBe(1);
});
