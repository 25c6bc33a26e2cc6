import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { checkJobOptions, checkPath, runJob, snapshotError, throwIfAborted } from '../jobs/run-job';
import { type AlsEngine, FinishMode, Side } from './engine';
import { checkStatus, configure, engineError, type FittedModel } from './fitting';
import { Ids } from './ids';
import { openEngine } from './open-engine';
import { checkParameters, checkWhole } from './options';
import { nextTurn } from './reading';
import { decodeHeader, encodeHeader, HEADER_BYTES, padding, VERSION } from './snapshot-format';
import type { AlsParameters } from './types';

const PIECE = 1 << 20;
const SNAPSHOT_OF = 'an AlsModel';

interface Meta {
  readonly parameters: Required<AlsParameters>;
  readonly losses: readonly number[];
  readonly users: number;
  readonly items: number;
  readonly entries: number;
}

const bytesOf = (array: Uint32Array | Float32Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** Writes sections one behind the other, each from a multiple of 64 bytes on, keeping their checksum. */
class Writer {
  bytes = 0;
  checksum = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async put(piece: Buffer): Promise<void> {
    throwIfAborted(this.signal);
    this.checksum = crc32(piece, this.checksum);
    await this.file.write(piece, 0, piece.length, HEADER_BYTES + this.bytes);
    this.bytes += piece.length;
  }

  async end(): Promise<void> {
    const zeros = padding(this.bytes);
    if (zeros > 0) await this.put(Buffer.alloc(zeros));
  }

  /** Strings: where each ends in the bytes that follow, then the bytes. */
  async putIds(ids: Ids): Promise<void> {
    const ends = new Uint32Array(ids.size);
    let end = 0;
    for (let i = 0; i < ids.size; i++) {
      end += Buffer.byteLength(ids.nameOf(i));
      ends[i] = end;
      if (i % 8192 === 0) await nextTurn();
    }
    await this.put(bytesOf(ends));
    await this.end();
    for (let from = 0; from < ids.size; from += 8192)
      await this.put(Buffer.from(ids.names.slice(from, from + 8192).join('')));
    await this.end();
  }

  async putFactors(engine: () => AlsEngine, side: Side, count: number, factors: number): Promise<void> {
    const rows = Math.max(1, Math.floor(PIECE / 4 / factors));
    for (let from = 0; from < count; from += rows) {
      const piece = new Float32Array(Math.min(rows, count - from) * factors);
      checkStatus(engine().rows(side, from, piece.length / factors, piece, factors), 'Copying factors');
      await this.put(bytesOf(piece));
    }
    await this.end();
  }

  async putHistories(engine: () => AlsEngine, users: number): Promise<void> {
    const starts = new Uint32Array(users + 1);
    for (let user = 0; user < users; user++) {
      starts[user + 1] = (starts[user] as number) + engine().historySize(user);
      if (user % 8192 === 0) await nextTurn();
    }
    await this.put(bytesOf(starts));
    await this.end();
    for (const wanted of ['items', 'weights'] as const) {
      for (let user = 0; user < users;) {
        const first = user;
        while (user < users && (user === first || (starts[user + 1] as number) - (starts[first] as number) < PIECE / 4))
          user++;
        const size = (starts[user] as number) - (starts[first] as number);
        const [items, weights] = [new Uint32Array(size), new Float32Array(size)];
        for (let one = first; one < user; one++) {
          const at = (starts[one] as number) - (starts[first] as number);
          engine().history(one, items.subarray(at), weights.subarray(at));
        }
        await this.put(bytesOf(wanted === 'items' ? items : weights));
      }
      await this.end();
    }
  }
}

/** Writes a model to a file beside `path` that takes its name once it is on the disk. `engine` throws once the model is closed. */
export async function saveModel(
  path: string,
  options: { readonly signal?: AbortSignal },
  model: FittedModel,
  engine: () => AlsEngine,
): Promise<void> {
  checkPath(path);
  checkJobOptions(options);
  throwIfAborted(options.signal);
  const { users, items, entries } = engine().stats();
  const meta = Buffer.from(
    JSON.stringify({ parameters: model.parameters, losses: model.losses, users, items, entries } satisfies Meta),
  );
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  let file: FileHandle;
  try {
    file = await open(beside, 'wx');
  } catch {
    throw await snapshotError(EngineStatus.IO, path, 'save', SNAPSHOT_OF);
  }
  try {
    try {
      const writer = new Writer(file, options.signal);
      await writer.put(meta);
      await writer.end();
      await writer.putIds(model.users);
      await writer.putIds(model.items);
      await writer.putFactors(engine, Side.USERS, users, model.parameters.factors);
      await writer.putFactors(engine, Side.ITEMS, items, model.parameters.factors);
      await writer.putHistories(engine, users);
      await file.write(encodeHeader(meta.length, writer.bytes, writer.checksum), 0, HEADER_BYTES, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    throwIfAborted(options.signal);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    if (error instanceof Easy11Error) throw error;
    throw new Easy11Error('ERR_EASY11_IO', `Cannot save ${path}: ${String(error)}`, { cause: error });
  }
}

const corrupt = (path: string): Promise<Easy11Error> => snapshotError(EngineStatus.CORRUPT, path, 'load', SNAPSHOT_OF);

async function readPayload(path: string, signal: AbortSignal | undefined): Promise<{ meta: Buffer; payload: Buffer }> {
  const file = await open(path, 'r').catch(async () => {
    throw await snapshotError(EngineStatus.IO, path, 'load', SNAPSHOT_OF);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw await snapshotError(EngineStatus.IO, path, 'load', SNAPSHOT_OF);
    const start = Buffer.alloc(HEADER_BYTES);
    const { bytesRead: headerBytes } = await file.read(start, 0, HEADER_BYTES, 0);
    const header = decodeHeader(start.subarray(0, headerBytes));
    if (header && header.version !== VERSION)
      throw await snapshotError(EngineStatus.VERSION, path, 'load', SNAPSHOT_OF);
    if (!header || header.payloadBytes !== stat.size - HEADER_BYTES || header.metaBytes > header.payloadBytes)
      throw await corrupt(path);
    const payload = Buffer.allocUnsafeSlow(header.payloadBytes);
    let checksum = 0;
    for (let from = 0; from < payload.length;) {
      throwIfAborted(signal);
      const { bytesRead } = await file.read(payload, from, Math.min(PIECE, payload.length - from), HEADER_BYTES + from);
      if (bytesRead === 0) throw await corrupt(path);
      checksum = crc32(payload.subarray(from, from + bytesRead), checksum);
      from += bytesRead;
    }
    if (checksum !== header.checksum) throw await corrupt(path);
    return { meta: payload.subarray(0, header.metaBytes), payload };
  } finally {
    await file.close();
  }
}

/** Cuts a payload into its sections; undefined where one ends beyond it. */
class Sections {
  #at: number;

  constructor(
    private readonly payload: Buffer,
    metaBytes: number,
  ) {
    this.#at = metaBytes + padding(metaBytes);
  }

  take(bytes: number): Buffer {
    const end = this.#at + bytes;
    if (!(end + padding(end) <= this.payload.length)) throw new RangeError('A section ends beyond the file');
    const section = this.payload.subarray(this.#at, end);
    this.#at = end + padding(end);
    return section;
  }

  uint32(count: number): Uint32Array {
    const section = this.take(4 * count);
    return new Uint32Array(section.buffer, section.byteOffset, count);
  }

  float32(count: number): Float32Array {
    const section = this.take(4 * count);
    return new Float32Array(section.buffer, section.byteOffset, count);
  }

  async ids(count: number): Promise<Ids> {
    const ends = this.uint32(count);
    const bytes = this.take(count === 0 ? 0 : (ends[count - 1] as number));
    const ids = new Ids();
    let from = 0;
    let sliceStart = performance.now();
    if (!isUtf8(bytes)) throw new RangeError('Ids are not UTF-8');
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number;
      if (end <= from || end > bytes.length || ids.add(bytes.toString('utf8', from, end)) !== i)
        throw new RangeError('Ids do not ascend, or one comes twice');
      from = end;
      if (i % 512 === 0 && performance.now() - sliceStart > 1) {
        await nextTurn();
        sliceStart = performance.now();
      }
    }
    return ids;
  }

  end(): void {
    if (this.#at !== this.payload.length) throw new RangeError('Something follows the last section');
  }
}

function readMeta(bytes: Buffer): Meta {
  const meta = JSON.parse(bytes.toString()) as Meta;
  const { factors, iterations, regularization, unobservedWeight, nu, mode, threads, seed } = meta.parameters;
  checkParameters({ factors, iterations, regularization, unobservedWeight, nu, mode, threads, seed });
  for (const name of ['users', 'items', 'entries'] as const) checkWhole(name, meta[name], 0, 2 ** 32 - 2);
  if (!Array.isArray(meta.losses) || !meta.losses.every((loss) => typeof loss === 'number'))
    throw new RangeError('No losses');
  return meta;
}

/** Refuses what no engine would write: the numbers are indices into memory further on. */
function checkHistories(starts: Uint32Array, columns: Uint32Array, weights: Float32Array, items: number): void {
  if (starts[0] !== 0 || starts[starts.length - 1] !== columns.length)
    throw new RangeError('Histories do not fill their place');
  for (let i = 1; i < starts.length; i++)
    if ((starts[i] as number) < (starts[i - 1] as number)) throw new RangeError('Histories overlap');
  for (let e = 0; e < columns.length; e++)
    if ((columns[e] as number) >= items || !((weights[e] as number) > 0 && (weights[e] as number) < Infinity))
      throw new RangeError('An interaction that cannot be');
}

/** Reads a model that saveModel wrote. */
export async function loadModel(
  path: string,
  options: { readonly signal?: AbortSignal; readonly threads?: number },
): Promise<FittedModel> {
  checkPath(path);
  checkJobOptions(options);
  if (options.threads !== undefined) checkParameters({ threads: options.threads });
  throwIfAborted(options.signal);
  const { meta: metaBytes, payload } = await readPayload(path, options.signal);
  const { engine, backend } = openEngine();
  try {
    const meta = readMeta(metaBytes);
    const parameters = { ...meta.parameters, ...(options.threads === undefined ? {} : { threads: options.threads }) };
    const sections = new Sections(payload, metaBytes.length);
    const users = await sections.ids(meta.users);
    const items = await sections.ids(meta.items);
    const x = sections.float32(meta.users * parameters.factors);
    const y = sections.float32(meta.items * parameters.factors);
    const starts = sections.uint32(meta.users + 1);
    const columns = sections.uint32(meta.entries);
    const weights = sections.float32(meta.entries);
    sections.end();
    checkHistories(starts, columns, weights, meta.items);
    for (const table of [x, y]) if (!table.every(Number.isFinite)) throw new RangeError('A factor is not a number');
    await restore(engine, parameters, { x, y, starts, columns, weights }, options.signal);
    return { engine, backend, users, items, parameters, losses: meta.losses };
  } catch (error) {
    engine.close();
    const { name, code } = error as { name?: string; code?: string };
    if (name === 'RangeError' || name === 'SyntaxError' || name === 'TypeError' || code === 'ERR_EASY11_INVALID_OPTION')
      throw await corrupt(path);
    throw error;
  }
}

interface Tables {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
}

async function restore(
  engine: AlsEngine,
  parameters: Required<AlsParameters>,
  { x, y, starts, columns, weights }: Tables,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { factors } = parameters;
  const jobOptions = signal ? { signal } : {};
  const explain = (status: EngineStatus): Promise<Easy11Error> => Promise.resolve(engineError(status, 'Loading'));
  const rows = new Uint32Array(1 << 16);
  for (let user = 0, from = 0; from < columns.length; from += rows.length) {
    const count = Math.min(rows.length, columns.length - from);
    for (let e = 0; e < count; e++) {
      while ((starts[user + 1] as number) <= from + e) user++;
      rows[e] = user;
    }
    checkStatus(engine.append(rows, columns.subarray(from), weights.subarray(from), count), 'Loading');
    await nextTurn();
  }
  const itemCount = y.length / factors;
  await runJob(
    (report) => engine.build(starts.length - 1, itemCount, report),
    jobOptions,
    () => undefined,
    explain,
  );
  configure(engine, parameters);
  for (const [side, table] of [
    [Side.USERS, x],
    [Side.ITEMS, y],
  ] as const) {
    const step = Math.max(1, Math.floor(PIECE / factors));
    for (let from = 0; from * factors < table.length; from += step) {
      const piece = table.subarray(from * factors, (from + step) * factors);
      checkStatus(engine.setRows(side, from, piece.length / factors, piece, factors), 'Loading');
      await nextTurn();
    }
  }
  await runJob(
    () => engine.finish(FinishMode.KEEP),
    jobOptions,
    () => undefined,
    explain,
  );
}
