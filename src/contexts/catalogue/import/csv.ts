import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { Problem } from '../../../kernel/errors';
import type { ReportBuilder } from './report';

/** One record of a CSV file: its cells in the order of the wanted columns, '' where the file has none. */
export interface CsvRecord {
  /** Where it begins; quoted line feeds make it longer. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvShape {
  /** Names of columns that are known, as they are reported; others are refused. Spellings differ in case, _ and spaces. */
  readonly columns: readonly string[];
  readonly required: readonly string[];
  /** Other names of columns, as other versions of the file spell them. */
  readonly aliases?: Readonly<Record<string, string>>;
}

const spelling = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

/** Which columns a file has. Throws `validation-failed` when one is missing, unknown or there twice. */
export function readHeader(header: readonly string[], shape: CsvShape): (number | undefined)[] {
  const wrong = (detail: string): Problem =>
    new Problem('validation-failed', `The header is not acceptable: ${detail}`, {
      violations: [{ pointer: '/header', code: 'wrong-header', detail }],
    });
  const known = new Map(shape.columns.map((name, index) => [spelling(name), index]));
  for (const [alias, name] of Object.entries(shape.aliases ?? {}))
    known.set(spelling(alias), shape.columns.indexOf(name));
  const places: (number | undefined)[] = shape.columns.map(() => undefined);
  header.forEach((name, place) => {
    const index = known.get(spelling(name));
    if (index === undefined) throw wrong(`there is no column "${name}"; the columns are ${shape.columns.join(', ')}`);
    if (places[index] !== undefined) throw wrong(`the column "${name}" is there twice`);
    places[index] = place;
  });
  const missing = shape.required.filter((name) => places[shape.columns.indexOf(name)] === undefined);
  if (missing.length > 0) throw wrong(`the column ${missing.join(', ')} is missing`);
  return places;
}

/** A record that has grown to this has a quote that nothing closes. More than the longest line, in UTF-16 units. */
const LONGEST_RECORD = 16 << 20;

/**
 * Reads CSV (RFC 4180; comma, semicolon or tab) as it streams in. A record with too few or too many cells is refused with
 * its line; the rest goes on. A quote that is never closed hides where the next record would begin: its record is refused,
 * and the report says from which line on nothing was read. Which columns the file has is told once, before the first record.
 */
export async function* readCsv(
  text: AsyncIterable<string>,
  shape: CsvShape,
  report: ReportBuilder,
  onHeader: (has: (column: string) => boolean) => void = () => undefined,
): AsyncGenerator<CsvRecord> {
  const { first, all } = await peek(text);
  const parser = parse({
    delimiter: delimiterOf(first),
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true, // else those before a broken one, still in the parser's queue, would be lost
    on_record: (record: string[], { lines, empty_lines }) => {
      last = { lines, emptyLines: empty_lines, fed };
      return record;
    },
  });
  let fed = 0;
  let last = { lines: 0, emptyLines: 0, fed: 0 };
  let brokenLine: number | undefined;
  parser.on('skip', () => {
    brokenLine = last.lines + 1 + parser.info.empty_lines - last.emptyLines;
  });
  const parts = async function* (): AsyncGenerator<string> {
    for await (const part of all) {
      if (fed - last.fed > LONGEST_RECORD) return; // the parser finds itself inside a quote, and says so
      fed += part.length;
      yield part;
    }
  };
  const source = Readable.from(parts(), { highWaterMark: 1 });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let places: (number | undefined)[] | undefined;
  let width = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!places) {
        places = readHeader(record, shape);
        const given = places;
        onHeader((column) => given[shape.columns.indexOf(column)] !== undefined);
        width = record.length;
        continue;
      }
      report.read += 1;
      const line = info.lines - lineFeeds(record);
      if (record.length !== width) {
        const reason = `has ${record.length} cells where the header has ${width}`;
        report.refuse({ line, column: null, code: 'wrong-cell-count', reason });
        continue;
      }
      yield { line, cells: places.map((place) => (place === undefined ? '' : (record[place] ?? ''))) };
    }
  } finally {
    source.destroy();
  }
  if (brokenLine !== undefined) {
    if (!places) throw new Problem('validation-failed', 'The header is not acceptable: a quote in it is never closed');
    const reason = 'a quote is opened here and never closed';
    report.read += 1;
    report.refuse({ line: brokenLine, column: null, code: 'broken-record', reason });
    report.stop(brokenLine, `On line ${brokenLine} ${reason}`);
  }
  if (!places) throw new Problem('validation-failed', 'The file is empty: it has no header');
}

function lineFeeds(record: readonly string[]): number {
  let feeds = 0;
  for (const cell of record) if (cell.includes('\n')) feeds += cell.split('\n').length - 1;
  return feeds;
}

/** The separator that the header has most of. */
function delimiterOf(first: string): string {
  const header = first.split(/\r?\n/, 1)[0] ?? '';
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).mark;
}

async function peek(text: AsyncIterable<string>): Promise<{ first: string; all: AsyncIterable<string> }> {
  const parts = text[Symbol.asyncIterator]();
  const { value } = await parts.next();
  const first = (value as string | undefined) ?? '';
  const all = async function* (): AsyncGenerator<string> {
    if (first !== '') yield first;
    for (let part = await parts.next(); !part.done; part = await parts.next()) yield part.value;
  };
  return { first, all: all() };
}
