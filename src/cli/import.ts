import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { PastOrders } from '../contexts/analytics';
import {
  describeReport,
  FORMATS,
  importProducts,
  importRetailLines,
  type Format,
  type ImportProgress,
  type ImportReport,
  type ImportSource,
} from '../contexts/catalogue';
import { Problem } from '../kernel/errors';
import { loadSettings } from '../platform/config';
import type { Database } from '../platform/database';
import { createLog } from '../platform/log';
import { abortOnSignal, progressLine } from './progress';
import { runCommand, UsageError } from './run';
import { openShopDatabase } from './shop-database';

const USAGE = `Usage: npm run import -- <format> <file> [--json] [--report <file>]

  csv FILE                   products as CSV, one a row        (docs/guides/import.md)
  jsonl FILE                 products as JSON, one a line      (docs/guides/import.md)
  online-retail FILE         the UCI data set "Online Retail": its products
  online-retail-orders FILE  the same: its invoices, as past orders for analytics

  FILE may be gzipped; - is standard input.
  --json              print the report as JSON
  --report FILE       write the report as JSON to FILE`;

const ORDERS = 'online-retail-orders';

interface Command {
  readonly format: Format | typeof ORDERS;
  readonly file: string;
  readonly json: boolean;
  readonly report: string | undefined;
}

function readCommand(args: readonly string[]): Command | undefined {
  const options = {
    json: { type: 'boolean' },
    report: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  let read;
  try {
    read = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  const { values, positionals } = read;
  if (values.help) return undefined;
  const [format = '', file = '', ...rest] = positionals;
  if (!isFormat(format) || file === '' || rest.length > 0) throw new UsageError(USAGE);
  return { format, file, json: values.json ?? false, report: values.report };
}

const isFormat = (name: string): name is Command['format'] => [...FORMATS, ORDERS].some((format) => format === name);

async function openInput(file: string): Promise<{ input: Readable; size: number | undefined }> {
  if (file === '-') return { input: process.stdin, size: undefined };
  const { size, isDirectory } = await stat(file).then(
    (found) => ({ size: found.size, isDirectory: found.isDirectory() }),
    (error: NodeJS.ErrnoException) => {
      throw new UsageError(error.code === 'ENOENT' ? `There is no file ${file}` : error.message);
    },
  );
  if (isDirectory) throw new UsageError(`${file} is a folder`);
  return { input: createReadStream(file), size };
}

function sentence({ bytes, read, written }: ImportProgress, size: number | undefined, what: string): string {
  const share = size ? `${Math.floor((100 * bytes) / size)} %  ` : '';
  return `${share}${read.toLocaleString('en-GB')} records read, ${written.toLocaleString('en-GB')} ${what} written`;
}

/** The invoices of the data set, as past orders. Its prices are pounds, whatever the shop's are. */
function importOrders(database: Database, source: ImportSource): Promise<ImportReport> {
  const orders = new PastOrders(database, 'online-retail', 'GBP');
  return importRetailLines(source, {
    save: (lines) => orders.save(lines),
    end: async () => ({ ...(await orders.linkCancellations()) }),
  });
}

/** `npm run import`: brings products or past orders from a file into the shop, running or not, and says what became of each record. */
runCommand(async (args) => {
  const command = readCommand(args);
  if (!command) {
    console.log(USAGE);
    return 0;
  }
  const { input, size } = await openInput(command.file);
  const settings = loadSettings();
  const signal = abortOnSignal();
  const progress = progressLine();
  progress.show('opening the database');
  const database = await openShopDatabase(settings, createLog({ ...settings, LOG_LEVEL: 'warn' }));
  try {
    const { format } = command;
    const what = format === ORDERS ? 'Order lines' : 'Products';
    const onProgress = (now: ImportProgress): void => progress.show(sentence(now, size, what.toLowerCase()));
    const source = { input, signal, onProgress };
    const deps = { database, currency: settings.EASY11_CURRENCY };
    const report = await (format === ORDERS
      ? importOrders(database, source)
      : importProducts(deps, { ...source, format }));
    progress.clear();
    const json = JSON.stringify(report, null, 2);
    if (command.report !== undefined) await writeFile(command.report, `${json}\n`);
    console.log(command.json ? json : describeReport(report, what));
    if (report.stopped) return 1;
    return report.aborted ? 130 : 0;
  } catch (error) {
    progress.clear();
    if (error instanceof Problem) throw new UsageError(error.message, { cause: error });
    throw error;
  } finally {
    await database.close();
  }
});
