import { type FileHandle, open } from 'node:fs/promises';
import type { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { checkJobOptions, checkPath, runJob, snapshotError, throwIfAborted } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import type { FittedModel } from './fitting';
import { engineError } from './status';
import { Ids } from './ids';
import { openEngine } from './open-engine';
import { checkParameters } from './options';
import { type Meta, PieceChecksum, SNAPSHOT_OF } from './snapshot';
import { decodeHeader, type Header, HEADER_BYTES, type Layout, layoutOf, PIECE, type Section } from './snapshot-format';
import { restore } from './snapshot-restore';
import { StoredIds } from './stored-ids';

const refused = (status: EngineStatus, path: string): Promise<Easy11Error> =>
  snapshotError(status, path, 'load', SNAPSHOT_OF);

interface Opened {
  readonly start: Buffer;
  readonly header: Header;
  readonly layout: Layout;
}

async function readHeader(file: FileHandle, path: string): Promise<Opened> {
  const stat = await file.stat();
  if (!stat.isFile()) throw await refused(EngineStatus.IO, path);
  const start = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(start, 0, HEADER_BYTES, 0);
  const header = decodeHeader(start.subarray(0, bytesRead));
  if (header && 'version' in header) throw await refused(EngineStatus.VERSION, path);
  if (!header || header.payloadBytes !== stat.size - HEADER_BYTES) throw await refused(EngineStatus.CORRUPT, path);
  const { layout, size } = layoutOf(header);
  if (size !== stat.size) throw await refused(EngineStatus.CORRUPT, path);
  return { start, header, layout };
}

async function read(file: FileHandle, { at, bytes }: Section): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  for (let from = 0; from < bytes;) {
    const { bytesRead } = await file.read(buffer, from, Math.min(bytes - from, 64 * PIECE), at + from);
    if (bytesRead === 0) throw new RangeError('The file ends within a section');
    from += bytesRead;
  }
  return buffer;
}

const numbers = (buffer: Buffer): Uint32Array =>
  new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.byteLength / 4);

async function readIds(file: FileHandle, ends: Section, bytes: Section, slots: Section): Promise<Ids> {
  const parts = await Promise.all([read(file, ends), read(file, bytes), read(file, slots)]);
  return new Ids(await StoredIds.check(numbers(parts[0]), parts[1], numbers(parts[2])));
}

/** Throws what `loadModel` takes for damage. */
function readMeta(bytes: Buffer, factors: number): Meta {
  const meta = JSON.parse(bytes.toString()) as Meta;
  const { iterations, regularization, unobservedWeight, nu, mode, threads, seed } = meta.parameters;
  checkParameters({ factors, iterations, regularization, unobservedWeight, nu, mode, threads, seed });
  if (meta.parameters.factors !== factors) throw new RangeError('Two numbers of factors');
  if (!Array.isArray(meta.losses) || !meta.losses.every((loss) => typeof loss === 'number'))
    throw new RangeError('No losses');
  return meta;
}

/** All of the payload, with its checksum held against the header's. */
async function readChecked(file: FileHandle, { header }: Opened, signal: AbortSignal | undefined): Promise<Buffer> {
  const payload = Buffer.allocUnsafeSlow(header.payloadBytes);
  const checksum = new PieceChecksum();
  for (let from = 0; from < payload.length;) {
    throwIfAborted(signal);
    const { bytesRead } = await file.read(payload, from, Math.min(PIECE, payload.length - from), HEADER_BYTES + from);
    if (bytesRead === 0) throw new RangeError('The file ends within the payload');
    checksum.add(payload.subarray(from, from + bytesRead));
    from += bytesRead;
  }
  if (checksum.end() !== header.checksum) throw new RangeError('The checksum does not match');
  return payload;
}

async function load(
  file: FileHandle,
  path: string,
  options: { readonly signal?: AbortSignal; readonly threads?: number },
): Promise<FittedModel> {
  const { signal } = options;
  const opened = await readHeader(file, path);
  const { layout, start, header } = opened;
  const { engine, backend } = openEngine();
  const running: Promise<unknown>[] = [];
  try {
    const meta = readMeta(await read(file, layout.meta), header.factors);
    const parameters = { ...meta.parameters, ...(options.threads === undefined ? {} : { threads: options.threads }) };
    const { factors, regularization, unobservedWeight, nu, mode, threads, seed } = parameters;
    const jobOptions = signal ? { signal } : {};
    const inPlace = engine.open?.bind(engine);
    const tables = inPlace
      ? runJob(
          () =>
            inPlace(
              ...([path, numbers(start), factors, regularization, unobservedWeight, nu] as const),
              ...([mode === 'exact', threads, seed] as const),
            ),
          jobOptions,
          () => undefined,
          (status) =>
            status === EngineStatus.CANCELLED ? Promise.resolve(engineError(status, 'Loading')) : refused(status, path),
        )
      : restore(engine, parameters, await readChecked(file, opened, signal), layout, jobOptions);
    const ids = [
      readIds(file, layout.userEnds, layout.userIds, layout.userSlots),
      readIds(file, layout.itemEnds, layout.itemIds, layout.itemSlots),
    ] as const;
    running.push(tables, ...ids);
    const [users, items] = await Promise.all([...ids, tables]);
    return { engine, backend, users, items, parameters, losses: meta.losses };
  } catch (error) {
    engine.close();
    // A thread may still read the mapped file when ids turn out wrong. Told so, the caller may write over the file, and to read
    // what is no longer there ends the process.
    await Promise.allSettled(running);
    throw error;
  }
}

/** Reads a model that saveModel wrote: on the native backend in place, but for the ids' bytes. */
export async function loadModel(
  path: string,
  options: { readonly signal?: AbortSignal; readonly threads?: number },
): Promise<FittedModel> {
  checkPath(path);
  checkOptionNames(options, ['signal', 'threads']);
  checkJobOptions(options);
  if (options.threads !== undefined) checkParameters({ threads: options.threads });
  throwIfAborted(options.signal);
  const file = await open(path, 'r').catch(async () => {
    throw await refused(EngineStatus.IO, path);
  });
  try {
    return await load(file, path, options);
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    if (name === 'RangeError' || name === 'SyntaxError' || name === 'TypeError' || code === 'ERR_EASY11_INVALID_OPTION')
      throw await refused(EngineStatus.CORRUPT, path);
    throw error;
  } finally {
    await file.close();
  }
}
