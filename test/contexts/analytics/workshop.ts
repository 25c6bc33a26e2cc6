import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { v7 } from 'uuid';
import {
  AnalyticsWorker,
  DATASETS,
  enqueueRun,
  exposureSource,
  holdoutSource,
  orderSource,
  pastOrderSource,
  PastOrders,
  refundSource,
  type ArchiveSource,
  type Run,
} from '../../../src/contexts/analytics';
import type { Row } from '../../../src/contexts/analytics/duckdb';
import type { WorkerOptions } from '../../../src/contexts/analytics/worker';
import { importRetailLines } from '../../../src/contexts/catalogue';
import { readOrderFacts } from '../../../src/contexts/orders';
import { readRefundFacts } from '../../../src/contexts/payments';
import { readExposureFacts, readHoldoutFacts } from '../../../src/contexts/promotions';
import { trackedEventExport } from '../../../src/contexts/tracking';
import type { Database } from '../../../src/platform/database';
import { silent } from '../../platform/outbox/support';
import { createTestDatabase } from '../../support/database';

/** The worker of analytics in this process, on a database and a folder of its own. */
export interface Workshop {
  readonly database: Database;
  readonly url: string;
  readonly directory: string;
  readonly worker: AnalyticsWorker;
  /** A run from queue to end. */
  run(): Promise<Run>;
  query(sql: string): Promise<Row[]>;
  /** Another worker over the same, with other models or sources. */
  another(change: Partial<Pick<WorkerOptions, 'models' | 'sources' | 'products'>>): AnalyticsWorker;
  bring(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function openWorkshop(products: readonly object[] = []): Promise<Workshop> {
  const scratch = await createTestDatabase();
  const { database } = scratch;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'easy11-analytics-'));
  const { claim, read, release } = trackedEventExport;
  const sources: ArchiveSource[] = [
    pastOrderSource(database),
    orderSource(database, readOrderFacts),
    refundSource(database, readRefundFacts),
    holdoutSource(database, readHoldoutFacts),
    exposureSource(database, readExposureFacts),
    { dataset: DATASETS.events, claim, read: (part) => read(database.pool, part), release },
  ];
  const workers: AnalyticsWorker[] = [];
  const another: Workshop['another'] = (change) => {
    const made = new AnalyticsWorker({
      ...{ database, log: silent, directory, memoryMb: 1_024, threads: 2, sources },
      products: () => Readable.from([products]),
      ...change,
    });
    workers.push(made);
    return made;
  };
  const worker = another({});
  return {
    database,
    url: scratch.url,
    directory,
    worker,
    run: () => runOf(database, worker),
    query: (sql) => worker.query(sql),
    another,
    bring: async (lines) => {
      const orders = new PastOrders(database, 'online-retail', 'GBP');
      await importRetailLines(
        { input: Readable.from([Buffer.from([HEADER, ...lines].join('\n'))]) },
        { save: (some) => orders.save(some), end: () => Promise.resolve({}) },
      );
    },
    close: async () => {
      for (const one of workers) await one.close();
      await scratch.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Asks for a run and has it carried out. */
export async function runOf(database: Database, worker: Pick<AnalyticsWorker, 'run'>): Promise<Run> {
  await enqueueRun(database.pool, `run_${v7()}`, 'command');
  const run = await worker.run();
  if (!run) throw new Error('nobody carried the run out');
  return run;
}

export const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
