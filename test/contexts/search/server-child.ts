/**
 * A process of its own on a given database, as visibility.test.ts starts and kills them.
 * "serve": outbox, search and HTTP, as in the application; prints its address when it is ready.
 * "write": changes a product through the catalogue in one committed transaction, without any outbox loop, prints "committed"
 * and stands still: what is killed then has committed and not published.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { streamSearchableProducts } from '../../../src/contexts/catalogue';
import { changeProduct } from '../../../src/contexts/catalogue/products';
import { startSearch, suggestionsFastPath } from '../../../src/contexts/search';
import { openDatabase, type Database } from '../../../src/platform/database';
import { startOutbox } from '../../../src/platform/outbox';

const log = pino({ level: 'silent' });

async function serve(database: Database): Promise<string> {
  const outbox = startOutbox({ database, log });
  const search = startSearch({ outbox, products: () => streamSearchableProducts(database), log });
  await search.whenReady();
  const fastPath = suggestionsFastPath(search);
  const server = createServer((req, res) => {
    if (!fastPath(req, res)) res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function main([what, url, id, name]: string[]): Promise<void> {
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, log);
  if (what === 'serve') {
    process.stdout.write(`${await serve(database)}\n`);
  } else {
    await changeProduct({ database, currency: 'GBP' }, String(id), undefined, { name: String(name) });
    process.stdout.write('committed\n');
  }
  setInterval(() => undefined, 1_000);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
