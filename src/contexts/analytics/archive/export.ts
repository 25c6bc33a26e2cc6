import type pg from 'pg';
import type { Database } from '../../../platform/database';
import type { Engine } from '../duckdb';
import {
  claim,
  deletePart,
  insertPart,
  listClaimed,
  listPastOrderFacts,
  listUnwritten,
  markWritten,
  releaseClaimed,
  type Part,
} from '../store/exports';
import { DATASETS, type Dataset } from './datasets';
import { writePart, type Folders } from './files';

/** Where the rows of a dataset come from. `claim` and `release` work in the caller's transaction. */
export interface ArchiveSource {
  readonly dataset: Dataset & { readonly time: string };
  /** Gives what waits to a part, so that what it holds is fixed. Resolves to 0 when nothing waits. */
  claim(client: pg.PoolClient, part: number): Promise<number>;
  /** The rows of a part, some at a time: the same each time it is asked, until it is released. */
  read(part: number): AsyncIterable<readonly object[]>;
  release(client: pg.PoolClient, part: number): Promise<void>;
}

export interface ExportDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly engine: Engine;
  readonly folders: Folders;
  readonly sources: readonly ArchiveSource[];
  readonly onProgress: (sentence: string) => void;
}

/**
 * Brings everything that waits into the archive. Three steps for each part: its content is fixed in the database; it is written;
 * the database forgets that it waited and notes that it is there. Whoever dies in between leaves a part that the next one writes
 * again before anything else, under the same name: every row is in the archive once. One process at a time.
 * Resolves to how many rows went where.
 */
export async function exportAll(dependencies: ExportDependencies): Promise<Record<string, number>> {
  const { database, sources, onProgress } = dependencies;
  const exported: Record<string, number> = {};
  const add = async (source: ArchiveSource, part: Part): Promise<void> => {
    const rows = await finishPart(dependencies, source, part);
    exported[part.dataset] = (exported[part.dataset] ?? 0) + rows;
    onProgress(`archived ${exported[part.dataset]?.toLocaleString('en-GB')} rows of ${part.dataset}`);
  };
  for (const part of await listUnwritten(database.pool)) {
    const source = sources.find(({ dataset }) => dataset.name === part.dataset);
    if (source) await add(source, part);
  }
  for (const source of sources)
    for (let part = await beginPart(database, source); part; part = await beginPart(database, source))
      await add(source, part);
  return exported;
}

function beginPart(
  database: ExportDependencies['database'],
  { dataset, claim: take }: ArchiveSource,
): Promise<Part | undefined> {
  return database.transaction(async (client) => {
    const part = await insertPart(client, dataset.name);
    if ((await take(client, part.id)) > 0) return part;
    await deletePart(client, part);
    return undefined;
  });
}

async function finishPart(
  { database, engine, folders }: ExportDependencies,
  source: ArchiveSource,
  part: Part,
): Promise<number> {
  const { rows, bytes } = await writePart(engine, folders, source.dataset, part.id, source.read(part.id));
  await database.transaction(async (client) => {
    await source.release(client, part.id);
    await markWritten(client, part, rows, bytes);
  });
  return rows;
}

/** Imports bring some 2,000 lines a batch. */
const BATCHES = 250;
const FACTS = 20_000;
const PAGE = 20_000;
const SOME_FACTS = 1_000;

/** The lines of orders from before this shop. */
export function pastOrderSource({ pool }: Pick<Database, 'pool'>): ArchiveSource {
  const dataset = DATASETS.pastOrderLines;
  return {
    dataset,
    claim: (client, id) => claim(client, { id, dataset: dataset.name }, BATCHES),
    async *read(id) {
      const batches = await listClaimed(pool, { id, dataset: dataset.name });
      let page = await listPastOrderFacts(pool, batches, '', PAGE);
      while (page.length > 0) {
        yield page;
        page = await listPastOrderFacts(pool, batches, page.at(-1)?.id ?? '', PAGE);
      }
    },
    release: (client, id) => releaseClaimed(client, { id, dataset: dataset.name }),
  };
}

type Facts = (pool: pg.Pool, ids: readonly string[]) => Promise<readonly object[]>;

/**
 * The lines of orders of the shop, once for each time that something happened to the order, as it is when the part is written.
 * `readFacts` is the orders' own door.
 */
export const orderSource = ({ pool }: Pick<Database, 'pool'>, readFacts: Facts): ArchiveSource =>
  factSource(pool, DATASETS.orderLines, readFacts);

/** Refunds that were paid. `readFacts` is the payments' own door. */
export const refundSource = ({ pool }: Pick<Database, 'pool'>, readFacts: Facts): ArchiveSource =>
  factSource(pool, DATASETS.refunds, readFacts);

/** Coupons that are held back from some. `readFacts` is the promotions' own door. */
export const holdoutSource = ({ pool }: Pick<Database, 'pool'>, readFacts: Facts): ArchiveSource =>
  factSource(pool, DATASETS.couponHoldouts, readFacts);

/** Who typed such a coupon in. `readFacts` is the promotions' own door. */
export const exposureSource = ({ pool }: Pick<Database, 'pool'>, readFacts: Facts): ArchiveSource =>
  factSource(pool, DATASETS.couponExposures, readFacts);

/** What waits by its id, read anew when the part is written. */
function factSource(pool: pg.Pool, dataset: ArchiveSource['dataset'], readFacts: Facts): ArchiveSource {
  return {
    dataset,
    claim: (client, id) => claim(client, { id, dataset: dataset.name }, FACTS),
    async *read(id) {
      const ids = await listClaimed(pool, { id, dataset: dataset.name });
      for (let from = 0; from < ids.length; from += SOME_FACTS)
        yield await readFacts(pool, ids.slice(from, from + SOME_FACTS));
    },
    release: (client, id) => releaseClaimed(client, { id, dataset: dataset.name }),
  };
}
