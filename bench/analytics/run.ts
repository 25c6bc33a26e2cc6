import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { v7 } from 'uuid';
import { ANALYTICS_PROGRAM } from '../../src/analytics';
import { enqueueRun, startAnalyticsProcess, type Run } from '../../src/contexts/analytics';
import { openDatabase } from '../../src/platform/database';
import { createLog } from '../../src/platform/log';
import { startServer } from '../http/server';
import { table } from '../processes';
import { writeArchive } from './archive';

const PRODUCTS = 5_000;
const MEMORY_MB = 4_096;
const THREADS = 2;
const MOST_SECONDS = 60;

const say = (sentence: string): void => console.error(`[${new Date().toISOString().slice(11, 19)}] ${sentence}`);

/**
 * Every model built as the shop builds it, by the process of analytics, from an archive of so many order lines: seconds a model with
 * its tests, and the most memory that the process had.
 */
export async function benchAnalytics(lines: number): Promise<string> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
  chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  const directory = path.join(data, 'analytics');
  say('starting a shop with a catalogue …');
  const shop = await startServer(['scripts/run.cjs', 'start'], {
    ...{ PORT: '0', LOG_LEVEL: 'warn', DATABASE_URL: '', EASY11_DATA_DIR: data, EASY11_PAYMENTS: 'off' },
    ...{ EASY11_DEMO_PRODUCTS: String(PRODUCTS), EASY11_ANALYTICS: 'off' },
  });
  try {
    return await measure(lines, readFileSync(path.join(data, 'postgres.url'), 'utf8').trim(), directory);
  } finally {
    await shop.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function measure(lines: number, url: string, directory: string): Promise<string> {
  const log = createLog({ LOG_LEVEL: 'error' });
  const settings = { DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 2 };
  const database = await openDatabase(settings, log);
  const analytics = startAnalyticsProcess({
    program: ANALYTICS_PROGRAM,
    settings: { databaseUrl: url, directory, memoryMb: MEMORY_MB, threads: THREADS },
    log,
    onProgress: say,
  });
  try {
    const { rows } = await database.pool.query<{ id: string; sku: string }>(
      'select id, sku from products order by sku',
    );
    const [skus, products] = [rows.map(({ sku }) => sku), rows.map(({ id }) => id)];
    await writeArchive(directory, { lines, skus, products }, say);
    await enqueueRun(database.pool, `run_${v7()}`, 'command');
    const began = performance.now();
    const run = await analytics.run();
    const seconds = (performance.now() - began) / 1_000;
    if (run?.state !== 'succeeded') throw new Error(`the run ended as ${run?.state}: ${run?.error}`);
    return report(lines, run, seconds, peakOf(analytics.pid));
  } finally {
    await analytics.close();
    await database.close();
  }
}

/** The most memory that a process has had, in MiB; undefined where the system does not say. */
function peakOf(pid: number | undefined): number | undefined {
  if (pid === undefined || os.platform() !== 'linux') return undefined;
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return kib === undefined ? undefined : Number(kib) / 1_024;
}

function report(lines: number, { models }: Run, seconds: number, peak: number | undefined): string {
  const rows = models.map(({ name, layer, rows: count, milliseconds }) => [
    name,
    layer,
    (count ?? 0).toLocaleString('en'),
    (milliseconds / 1_000).toFixed(1),
  ]);
  const marts = models.filter(({ layer }) => layer === 'marts');
  const slowest = marts.reduce((one, other) => (other.milliseconds > one.milliseconds ? other : one));
  return [
    `### Marts of ${lines.toLocaleString('en')} order lines, ${THREADS} threads, ${MEMORY_MB} MB`,
    table(['model', 'layer', 'rows', 'seconds'], rows),
    `All ${models.length} models in ${seconds.toFixed(1)} s; most memory of the process ${peak === undefined ? 'not known' : `${Math.round(peak)} MiB`}. ` +
      `The slowest mart is ${slowest.name}: ${(slowest.milliseconds / 1_000).toFixed(1)} s ` +
      `(goal: each below ${MOST_SECONDS} s, ${slowest.milliseconds < MOST_SECONDS * 1_000 ? 'reached' : '**not reached**'}).`,
  ].join('\n\n');
}
