import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Easy11Error } from '../errors';
import type { FactorRow } from './factors';
import { invalid } from './options';

const BATCH = 8_192;

/** The reader is the user's to install: only who takes factors over from files needs it. */
async function loadReader(): Promise<typeof import('hyparquet', { with: { 'resolution-mode': 'import' } })> {
  try {
    return await import('hyparquet');
  } catch (error) {
    throw new Easy11Error(
      'ERR_EASY11_INVALID_OPTION',
      'Reading Parquet needs the package hyparquet: npm install hyparquet',
      { cause: error },
    );
  }
}

async function partsOf(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw new Easy11Error('ERR_EASY11_IO', `Cannot read ${directory}: ${String(error)}`, { cause: error });
  });
  // Spark writes its own notes beside the parts, such as _SUCCESS and .part-….crc.
  const parts = names.filter((name) => name.endsWith('.parquet') && !/^[._]/.test(name)).sort();
  if (parts.length === 0) throw invalid(`There is no Parquet file in ${directory}`);
  return parts.map((name) => path.join(directory, name));
}

/** The rows `{ id, features }` of a directory of Parquet files, part by part in order of their names, some thousands at a time. */
export async function* readFactorRows(directory: string): AsyncGenerator<FactorRow> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await loadReader();
  for (const part of await partsOf(directory)) {
    try {
      const file = await asyncBufferFromFile(part);
      const metadata = await parquetMetadataAsync(file);
      const rows = Number(metadata.num_rows);
      for (let rowStart = 0; rowStart < rows; rowStart += BATCH) {
        const rowEnd = Math.min(rows, rowStart + BATCH);
        yield* (await parquetReadObjects({
          ...{ file, metadata, columns: ['id', 'features'], rowStart, rowEnd },
        })) as unknown as FactorRow[];
      }
    } catch (error) {
      throw new Easy11Error('ERR_EASY11_IO', `Cannot read ${part}: ${String(error)}`, { cause: error });
    }
  }
}
