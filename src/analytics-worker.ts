import os from 'node:os';
import {
  AnalyticsWorker,
  DATASETS,
  exposureSource,
  holdoutSource,
  orderSource,
  pastOrderSource,
  refundSource,
  serveWorker,
  type ArchiveSource,
} from './contexts/analytics';
import { streamSearchableProducts } from './contexts/catalogue';
import { readOrderFacts } from './contexts/orders';
import { readRefundFacts } from './contexts/payments';
import { readExposureFacts, readHoldoutFacts } from './contexts/promotions';
import { trackedEventExport } from './contexts/tracking';
import { openDatabase, type Database } from './platform/database';
import { createLog } from './platform/log';

/**
 * The process that analytics works in: wires the doors of those whose facts go into the archive. It is started by the shop and by
 * `npm run analytics`, and speaks with them alone.
 */
const PRODUCTS = 5_000;

/** What of a product the archive keeps, some at a time. */
async function* productPages(database: Database): AsyncGenerator<object[]> {
  let page: object[] = [];
  for await (const { id, sku, name, category, brand } of streamSearchableProducts(database)) {
    page.push({ id, sku, name, category: category?.path ?? null, brand });
    if (page.length < PRODUCTS) continue;
    yield page;
    page = [];
  }
  yield page;
}

function eventSource({ pool }: Database): ArchiveSource {
  const { claim, read, release } = trackedEventExport;
  return { dataset: DATASETS.events, claim, read: (part) => read(pool, part), release };
}

os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
serveWorker(async ({ databaseUrl, directory, memoryMb, threads }, onProgress) => {
  const log = createLog({ LOG_LEVEL: 'warn' }, process.stderr);
  const settings = { DATABASE_URL: databaseUrl, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 3 };
  const database = await openDatabase(settings, log);
  const worker = new AnalyticsWorker({
    ...{ database, log, directory, memoryMb, threads, onProgress },
    sources: [
      pastOrderSource(database),
      orderSource(database, readOrderFacts),
      refundSource(database, readRefundFacts),
      holdoutSource(database, readHoldoutFacts),
      exposureSource(database, readExposureFacts),
      eventSource(database),
    ],
    products: () => productPages(database),
  });
  return {
    run: () => worker.run(),
    query: async <T>(sql: string, parameters?: Parameters<typeof worker.query>[1]) =>
      (await worker.query(sql, parameters)) as T[],
    save: (sql, format) => worker.save(sql, format),
  };
});
