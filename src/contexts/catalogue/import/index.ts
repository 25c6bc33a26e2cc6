import type { Readable } from 'node:stream';
import { Problem } from '../../../kernel/errors';
import type { CatalogueDependencies } from '../products';
import { readOnlineRetail } from './online-retail';
import { readCsvProducts, readJsonLines } from './products';
import { ReportBuilder, type ImportedProduct, type ImportReport } from './report';
import { LineTooLong, readText, type TextNotes } from './text';
import { upsertProducts } from './upsert';

export { describeReport, type ImportedProduct, type ImportReport } from './report';

/** csv and jsonl are described in docs/guides/import.md; online-retail is the UCI data set of that name. */
export const FORMATS = ['csv', 'jsonl', 'online-retail'] as const;
export type Format = (typeof FORMATS)[number];

export interface ImportProgress {
  /** Bytes of the input, as it came: compared with the file's size they say how far it is. */
  readonly bytes: number;
  readonly read: number;
  readonly written: number;
}

export interface ImportOptions {
  /** Stops between two batches; what is written stays, and the report says that it was stopped. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Products in one transaction. */
  readonly batch?: number;
}

const BATCH = 2000;

/**
 * Imports a file or request body of products, plain or gzipped, as it streams in: memory stays the same however long it
 * is. Records that cannot be taken are refused one by one, with their line. An input that breaks off after products of it were
 * written gives a report that says so. Throws `validation-failed` when the whole input is not what it should be (a wrong
 * header, not gzip) and nothing was written. Destroys the input.
 */
export async function importProducts(
  deps: CatalogueDependencies,
  source: ImportSource & { readonly format: Format },
): Promise<ImportReport> {
  return importText(source, (text, report, tell) =>
    saveProducts(deps, readerOf(source.format)(text, deps.currency, report, tell), report, source, tell),
  );
}

export type ImportSource = ImportOptions & { readonly input: Readable };

/** What becomes of the records of an input: true when it was stopped before its end. */
export type TextImport = (text: AsyncIterable<string>, report: ReportBuilder, tell: () => void) => Promise<boolean>;

/** Reads an input to its end, or as far as it goes, and reports. Throws and destroys as importProducts does. */
export async function importText(source: ImportSource, run: TextImport): Promise<ImportReport> {
  const report = new ReportBuilder();
  const notes: TextNotes = { legacyLines: 0 };
  let bytes = 0;
  const text = readText(source.input, notes, (soFar) => {
    bytes = soFar;
  });
  const tell = (): void => source.onProgress?.({ bytes, read: report.read, written: report.inserted + report.updated });
  // A source that has stalled is not waited for: ending it ends the loop that reads it.
  const stop = (): void => void source.input.destroy(new Error('The import was stopped'));
  source.signal?.addEventListener('abort', stop, { once: true });
  let aborted: boolean;
  try {
    aborted = await run(text, report, tell);
  } catch (error) {
    aborted = true;
    if (!source.signal?.aborted) {
      const told = readable(error);
      const kept = report.inserted + report.updated + report.unchanged;
      if (!(told instanceof Problem) || kept === 0) throw told;
      report.stop(null, told.message);
    }
  } finally {
    source.signal?.removeEventListener('abort', stop);
    source.input.destroy();
  }
  if (notes.legacyLines > 0) report.note('linesReadAsWindows1252', notes.legacyLines);
  return report.finish(aborted);
}

type Reader = (
  text: AsyncIterable<string>,
  currency: string,
  report: ReportBuilder,
  tell: () => void,
) => AsyncGenerator<ImportedProduct>;

function readerOf(format: Format): Reader {
  switch (format) {
    case 'csv':
      return readCsvProducts;
    case 'jsonl':
      return readJsonLines;
    case 'online-retail':
      return readOnlineRetail;
  }
}

/** Imports products that are made here instead of read: the demo shop. Counts each as read. */
export async function importMade(
  deps: CatalogueDependencies,
  products: Iterable<ImportedProduct>,
  options: ImportOptions,
): Promise<ImportReport> {
  const report = new ReportBuilder();
  const counted = async function* (): AsyncGenerator<ImportedProduct> {
    for (const product of products) {
      report.read += 1;
      yield product;
    }
  };
  const tell = (): void =>
    options.onProgress?.({ bytes: 0, read: report.read, written: report.inserted + report.updated });
  const aborted = await saveProducts(deps, counted(), report, options, tell);
  return report.finish(aborted);
}

/** Writes products batch by batch; true when it was stopped before the end. */
async function saveProducts(
  deps: CatalogueDependencies,
  products: AsyncIterable<ImportedProduct>,
  report: ReportBuilder,
  options: ImportOptions,
  tell: () => void,
): Promise<boolean> {
  return saveInBatches(products, options, async (some) => {
    const outcome = await upsertProducts(deps, some);
    report.inserted += outcome.inserted;
    report.updated += outcome.updated;
    report.unchanged += outcome.unchanged;
    outcome.refusals.forEach((refusal) => report.refuse(refusal));
    if (outcome.categoriesCreated > 0) report.note('categoriesCreated', outcome.categoriesCreated);
    if (outcome.brandsCreated > 0) report.note('brandsCreated', outcome.brandsCreated);
    tell();
  });
}

/** Reads the next batch while one is written; true when it was stopped before the end. */
export async function saveInBatches<T>(
  items: AsyncIterable<T>,
  { signal, batch = BATCH }: ImportOptions,
  save: (some: readonly T[]) => Promise<void>,
): Promise<boolean> {
  let saving: Promise<void> = Promise.resolve();
  let waiting: T[] = [];
  const hand = async (): Promise<void> => {
    await saving; // one batch after the other: of two lines with one sku the later one wins
    if (signal?.aborted || waiting.length === 0) return;
    saving = save(waiting);
    saving.catch(() => undefined); // whoever awaits it next throws it; until then it is not unhandled
    waiting = [];
  };
  try {
    for await (const item of items) {
      if (signal?.aborted) return true;
      waiting.push(item);
      if (waiting.length >= batch) await hand();
    }
    await hand();
    return signal?.aborted === true;
  } finally {
    await saving;
  }
}

/** What is wrong with the input as a whole, for whoever sent it. */
function readable(error: unknown): unknown {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code.startsWith('Z_'))
    return new Problem('validation-failed', 'The file is no whole gzip file', { cause: error });
  if (error instanceof LineTooLong) return new Problem('validation-failed', error.message, { cause: error });
  return error;
}
