import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { once } from 'node:events';
import type { Engine } from '../duckdb';
import { quoted } from '../duckdb';
import { emptyTable, readLines, snakeCase, type Dataset } from './datasets';

/** The folders of analytics below EASY11_ANALYTICS_DIR. */
export interface Folders {
  readonly root: string;
  readonly archive: string;
  readonly marts: string;
  /** What may be thrown away at any time: half-written parts, spilt memory, downloads. */
  readonly work: string;
}

export const foldersOf = (root: string): Folders => ({
  root,
  archive: path.join(root, 'archive'),
  marts: path.join(root, 'marts'),
  work: path.join(root, 'work'),
});

/** The id in the folder of an archive; a new folder gets one. */
export async function archiveId(folders: Folders, fresh: string): Promise<string> {
  const file = path.join(folders.archive, 'archive.json');
  await mkdir(folders.archive, { recursive: true });
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { archive: string }).archive;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await writeFile(`${file}.new`, JSON.stringify({ archive: fresh }));
  await rename(`${file}.new`, file);
  return fresh;
}

const SNAPSHOT = 'snapshot.parquet';
const partName = (part: number): string => `part-${String(part).padStart(9, '0')}`;

/** What a part has come to. */
export interface WrittenPart {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Writes a part: every row once, in the folder of its day or month, each file under its name only when it is whole and on the disk. What an
 * earlier attempt at the same part has left is taken away first, so that the part is the same however often it is begun.
 */
export async function writePart(
  engine: Engine,
  folders: Folders,
  dataset: Dataset & { readonly time: string },
  part: number,
  pages: AsyncIterable<readonly object[]>,
): Promise<WrittenPart> {
  const home = path.join(folders.archive, dataset.name);
  await removePart(home, part);
  const work = path.join(folders.work, `${dataset.name}-${partName(part)}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const lines = path.join(work, 'lines.json');
    const rows = await writeLines(lines, pages);
    if (rows === 0) return { rows: 0, bytes: 0 };
    const fresh = path.join(work, 'folders');
    const format = dataset.folder === 'day' ? '%Y-%m-%d' : '%Y-%m';
    await engine.run(
      `copy (select *, strftime(${snakeCase(dataset.time)}, '${format}') as "${dataset.folder}" from (${readLines(dataset, lines)}))
       to ${quoted(fresh)} (format parquet, compression zstd, partition_by ("${dataset.folder}"))`,
    );
    let bytes = 0;
    for (const folder of await readdir(fresh)) {
      await mkdir(path.join(home, folder), { recursive: true });
      for (const [n, file] of (await readdir(path.join(fresh, folder))).sort().entries()) {
        const from = path.join(fresh, folder, file);
        bytes += (await stat(from)).size;
        await settle(from, path.join(home, folder, `${partName(part)}-${n}.parquet`));
      }
    }
    return { rows, bytes };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts a new snapshot in the place of the one before. */
export async function replaceSnapshot(
  engine: Engine,
  folders: Folders,
  dataset: Dataset,
  pages: AsyncIterable<readonly object[]>,
): Promise<void> {
  const work = path.join(folders.work, dataset.name);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await mkdir(path.join(folders.archive, dataset.name), { recursive: true });
  const [lines, file] = [path.join(work, 'lines.json'), path.join(work, SNAPSHOT)];
  await writeLines(lines, pages);
  await engine.run(`copy (${readLines(dataset, lines)}) to ${quoted(file)} (format parquet, compression zstd)`);
  await settle(file, path.join(folders.archive, dataset.name, SNAPSHOT));
  await rm(work, { recursive: true, force: true });
}

async function writeLines(file: string, pages: AsyncIterable<readonly object[]>): Promise<number> {
  const out = createWriteStream(file);
  let rows = 0;
  for await (const page of pages) {
    rows += page.length;
    if (!out.write(page.map((row) => `${JSON.stringify(row)}\n`).join(''))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return rows;
}

/** Brings a file to its place: whole, and on the disk before its name is there. */
export async function settle(from: string, to: string): Promise<void> {
  const handle = await open(from, 'r+');
  await handle.sync();
  await handle.close();
  await rename(from, to);
}

async function removePart(home: string, part: number): Promise<void> {
  for (const folder of await listFolder(home))
    for (const file of await listFolder(path.join(home, folder)))
      if (file.startsWith(`${partName(part)}-`)) await rm(path.join(home, folder, file));
}

/** The names in a folder; none where there is no folder. */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
}

/**
 * SQL that reads all of a dataset: a table expression, of no rows where nothing has been archived. A column that parts from before it
 * lack is null in them.
 */
export async function tableOf({ archive }: Folders, dataset: Dataset): Promise<string> {
  const home = path.join(archive, dataset.name);
  if (dataset.time === null)
    return (await listFolder(home)).includes(SNAPSHOT)
      ? `read_parquet(${quoted(path.join(home, SNAPSHOT))})`
      : emptyTable(dataset);
  const folders = (await listFolder(home)).filter((name) => name.startsWith(`${dataset.folder}=`));
  if (folders.length === 0) return emptyTable(dataset);
  const files = quoted(path.join(home, `${dataset.folder}=*`, 'part-*.parquet'));
  const parts = `read_parquet(${files}, hive_partitioning = false, union_by_name = true)`;
  return `(from ${parts} union all by name from ${emptyTable(dataset)})`;
}
