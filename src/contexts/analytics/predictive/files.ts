import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Analytics } from '../analytics';
import { fileHeaders, sendSaved } from '../downloads';
import { quoted } from '../duckdb';
import type { FileFormat } from '../worker';
import { csvLine, type Field } from './presenting';

/** What a model says, as a file: its columns with their types in DuckDB, and its rows, some at a time. Money is its amount. */
export interface Table {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: 'VARCHAR' | 'DATE' | 'INTEGER' | 'BIGINT' | 'DOUBLE'])[];
  readonly rows: () => AsyncIterable<readonly (readonly Field[])[]>;
}

/** Sends all rows. CSV is written as it is read; Parquet is made by the process of analytics, from a file that is handed to it. */
export async function sendTable(
  res: Response,
  table: Table,
  format: FileFormat,
  analytics: () => Pick<Analytics, 'save'>,
): Promise<void> {
  if (format === 'parquet') return sendSaved(res, await saveParquet(table, analytics()), table.name, format);
  res.writeHead(200, fileHeaders(table.name, format));
  await pipeline(Readable.from(csvOf(table)), res);
}

async function* csvOf({ columns, rows }: Table): AsyncGenerator<string> {
  yield csvLine(columns.map(([name]) => name));
  for await (const some of rows()) yield some.map(csvLine).join('');
}

async function* jsonOf({ columns, rows }: Table): AsyncGenerator<string> {
  for await (const some of rows())
    yield some
      .map((fields) => {
        const named = fields.map((field, n) => [columns[n]?.[0], typeof field === 'object' ? field.amount : field]);
        return `${JSON.stringify(Object.fromEntries(named))}\n`;
      })
      .join('');
}

async function saveParquet(table: Table, analytics: Pick<Analytics, 'save'>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'easy11-table-'));
  try {
    const file = path.join(folder, 'rows.json');
    await pipeline(Readable.from(jsonOf(table)), createWriteStream(file));
    const types = table.columns.map(([name, type]) => `${name}: ${quoted(type)}`).join(', ');
    return await analytics.save(
      `select * from read_json(${quoted(file)}, format = 'newline_delimited', columns = {${types}})`,
      'parquet',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
