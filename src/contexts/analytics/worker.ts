import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { DATASETS } from './archive/datasets';
import { exportAll, type ArchiveSource } from './archive/export';
import { archiveId, foldersOf, listFolder, replaceSnapshot, tableOf } from './archive/files';
import { Engine, quoted, type EngineOptions, type Row, type Scalar } from './duckdb';
import { readModels, type Model } from './pipeline/model-files';
import type { ModelOutcome } from './pipeline/outcomes';
import { buildModels } from './pipeline/runner';
import { claimArchive } from './store/exports';
import * as runs from './store/runs';

export const FORMATS = ['csv', 'parquet'] as const;
export type FileFormat = (typeof FORMATS)[number];

/** Stands for a run as a whole where alerts name a model. */
const WHOLE_RUN = '(run)';

export interface WorkerOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly log: Log;
  readonly directory: string;
  readonly memoryMb: number;
  readonly threads: number;
  readonly sources: readonly ArchiveSource[];
  /** The catalogue as it is, some products at a time. */
  readonly products: () => AsyncIterable<readonly object[]>;
  readonly onProgress?: (sentence: string) => void;
  /** Other models than ours: for tests. */
  readonly models?: readonly Model[];
}

/**
 * The work of analytics, in whatever process it runs: exports, builds, and answers over the marts that are served. DuckDB's share
 * of memory is split between a build and the answers beside it.
 */
export class AnalyticsWorker {
  readonly #folders;
  readonly #models: readonly Model[];
  #serving: { readonly engine: Engine; readonly version: string } | undefined;
  #refreshing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: WorkerOptions) {
    this.#folders = foldersOf(path.resolve(options.directory));
    this.#models = options.models ?? readModels();
  }

  /**
   * Takes the run that waits and carries it through: export, models, tests, publication. Resolves to how it ended; to undefined
   * where none waits or another process works. A run that fails is an answer, not an error; what is served stays as it was.
   */
  async run(): Promise<runs.Run | undefined> {
    // A lock of the session: it goes with the connection when this process dies.
    const lock = await this.options.database.pool.connect();
    try {
      if (!(await runs.tryLockRuns(lock))) return undefined;
      try {
        const run = await runs.takeQueued(lock);
        if (!run) return undefined;
        await this.#carryOut(run);
        return await runs.findRun(lock, run.id);
      } finally {
        await runs.unlockRuns(lock);
      }
    } finally {
      lock.release();
    }
  }

  /** The rows of a query of DuckDB's SQL over the marts, by their names. Throws what DuckDB says, also of a mart that is not there yet. */
  async query(sql: string, parameters: readonly Scalar[] = []): Promise<Row[]> {
    const engine = await this.#open();
    return engine.rows(sql, parameters);
  }

  /**
   * Writes what a query says to a file and resolves to its path; whoever gets it removes it. In CSV a text that a spreadsheet would
   * take for a formula gets an apostrophe before it.
   */
  async save(sql: string, format: FileFormat): Promise<string> {
    const engine = await this.#open();
    const folder = path.join(this.#folders.work, 'downloads');
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `${randomUUID()}.${format}`);
    if (format === 'parquet') {
      await engine.run(`copy (${sql}) to ${quoted(file)} (format parquet)`);
      return file;
    }
    const columns = await engine.rows<Row & { column_name: string; column_type: string }>(`describe ${sql}`);
    const safe = columns.map(({ column_name: name, column_type: type }) =>
      type === 'VARCHAR'
        ? `case when "${name}" ~ '^[=+\\-@\\t\\r].*' then '''' || "${name}" else "${name}" end as "${name}"`
        : `"${name}"`,
    );
    await engine.run(`copy (select ${safe.join(', ')} from (${sql})) to ${quoted(file)} (format csv, header)`);
    return file;
  }

  async close(): Promise<void> {
    await this.#refreshing;
    this.#serving?.engine.close();
    this.#serving = undefined;
  }

  async #carryOut(run: runs.Run): Promise<void> {
    const { database, log } = this.options;
    const began = performance.now();
    let [models, exported]: [readonly ModelOutcome[], Record<string, number>] = [[], {}];
    let error: string | null = null;
    let cutShort: string | undefined;
    const work = path.join(this.#folders.work, 'build');
    const engine = await this.#openBuild(work);
    const tell = async (sentence: string): Promise<void> => {
      this.options.onProgress?.(sentence);
      await runs.noteProgress(database.pool, run.id, sentence);
    };
    try {
      await this.#assertArchive();
      await tell('bringing what is new into the archive');
      exported = await exportAll({
        ...{ database, engine, folders: this.#folders, sources: this.options.sources },
        onProgress: (sentence) => this.options.onProgress?.(sentence),
      });
      await replaceSnapshot(engine, this.#folders, DATASETS.products, this.options.products());
      const tables = new Map<string, string>();
      for (const dataset of Object.values(DATASETS)) tables.set(dataset.name, await tableOf(this.#folders, dataset));
      const build = await buildModels({
        ...{ engine, models: this.#models, folders: this.#folders, runId: run.id, onProgress: tell },
        tableOf: (name) => String(tables.get(name)),
      });
      models = build.outcomes;
      await database.transaction((client) => runs.publishMarts(client, build.marts));
      await this.#raise(run.id, models);
      await this.#removeOld();
      const broken = models.filter(({ state }) => state === 'failed' || state === 'blocked');
      if (broken.length > 0) error = `not published: ${broken.map(({ name }) => name).join(', ')}`;
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
      cutShort = error;
      log.error({ err: thrown, run: run.id }, 'The run of analytics failed');
    } finally {
      engine.close();
      await rm(work, { recursive: true, force: true });
    }
    await runs.finishRun(database.pool, { id: run.id, error, models, exported });
    if (cutShort !== undefined) await this.#raiseRun(run.id, cutShort);
    log.info({ run: run.id, seconds: (performance.now() - began) / 1000, error }, 'Analytics ran');
  }

  /** A database feeds one archive: another folder would get the rest of the events and call it all. */
  async #assertArchive(): Promise<void> {
    const own = await archiveId(this.#folders, randomUUID());
    const known = await claimArchive(this.options.database.pool, own);
    if (known !== own)
      throw new Error(
        `${this.#folders.archive} is not the archive of this database: set EASY11_ANALYTICS_DIR to the folder that is`,
      );
  }

  async #raise(runId: string, models: readonly ModelOutcome[]): Promise<void> {
    const { database, log } = this.options;
    // What comes as far as here has been carried out.
    const tested = [WHOLE_RUN, ...models.filter(({ state }) => state !== 'blocked').map(({ name }) => name)];
    const failures = models.flatMap(({ name, state, error, tests }) => [
      ...tests
        .filter((one) => one.state !== 'passed')
        .map(({ test, failures: n, error: why }) => ({
          ...{ model: name, test },
          detail: n === null ? `could not be counted: ${why}` : `${n.toLocaleString('en-GB')} broke it`,
        })),
      ...(state === 'failed' && tests.length === 0
        ? [{ model: name, test: 'can be built', detail: String(error) }]
        : []),
    ]);
    const fresh = await database.transaction((client) => runs.noteAlerts(client, runId, tested, failures));
    for (const { model, test, detail } of fresh)
      log.error({ model, test, run: runId }, `A model is not as it should be: ${detail}`);
  }

  /** A run that came to nothing raises an alert of its own; the next that is carried out ends it. */
  async #raiseRun(runId: string, detail: string): Promise<void> {
    const failure = { model: WHOLE_RUN, test: 'can be carried out', detail };
    await this.options.database.transaction((client) => runs.noteAlerts(client, runId, [], [failure]));
  }

  /** The last two versions of a mart stay: somebody may read the one before. */
  async #removeOld(): Promise<void> {
    const served = new Map((await runs.listMarts(this.options.database.pool)).map((mart) => [mart.name, mart.file]));
    for (const name of await listFolder(this.#folders.marts)) {
      // Names of runs are in the order of time.
      const files = await listFolder(path.join(this.#folders.marts, name));
      const kept = new Set([...files.slice(-2), path.basename(served.get(name) ?? '')]);
      for (const file of files) if (!kept.has(file)) await rm(path.join(this.#folders.marts, name, file));
    }
  }

  async #openBuild(work: string): Promise<Engine> {
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    return Engine.open(this.#bounds(path.join(work, 'build.duckdb'), path.join(work, 'spill'), 0.75));
  }

  #bounds(file: string, spill: string, share: number): EngineOptions {
    const { memoryMb, threads } = this.options;
    return { file, spill, threads, memoryMb: Math.floor(memoryMb * share) };
  }

  /** An engine that sees the marts that are served now. */
  async #open(): Promise<Engine> {
    const next = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = next.catch(() => undefined); // whoever asked sees the error; the next one tries again
    return next;
  }

  async #refresh(): Promise<Engine> {
    const marts = await runs.listMarts(this.options.database.pool);
    const version = JSON.stringify(marts.map(({ file }) => file));
    if (this.#serving?.version === version) return this.#serving.engine;
    const engine =
      this.#serving?.engine ??
      (await Engine.open(this.#bounds(':memory:', path.join(this.#folders.work, 'answers'), 0.25)));
    for (const { name, file } of marts)
      await engine.run(
        `create or replace view "${name}" as select * from read_parquet(${quoted(path.join(this.#folders.root, file))})`,
      );
    this.#serving = { engine, version };
    return engine;
  }
}
