import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { checkJobOptions, checkPath, snapshotError, throwIfAborted } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { type AlsEngine, Side } from './engine';
import type { FittedModel } from './fitting';
import { checkStatus } from './status';
import type { Ids } from './ids';
import { nextTurn } from './reading';
import { encodeHeader, HEADER_BYTES, padding, PIECE } from './snapshot-format';
import { hashOf, placeId, slotsFor } from './stored-ids';
import type { AlsParameters } from './types';

export const SNAPSHOT_OF = 'an AlsModel';

/** What the file says in JSON; how many there are of what stands in the header. */
export interface Meta {
  readonly parameters: Required<AlsParameters>;
  readonly losses: readonly number[];
}

const bytesOf = (array: Uint32Array | Float32Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** The checksum of a payload: of the checksums of its pieces. */
export class PieceChecksum {
  #piece = 0;
  #filled = 0;
  #all = 0;

  add(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const part = bytes.subarray(from, from + PIECE - this.#filled);
      this.#piece = crc32(part, this.#piece);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === PIECE) this.#close();
    }
  }

  end(): number {
    if (this.#filled > 0) this.#close();
    return this.#all;
  }

  #close(): void {
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(this.#piece);
    this.#all = crc32(sum, this.#all);
    this.#piece = this.#filled = 0;
  }
}

/** Writes sections one behind the other, each from a multiple of 64 bytes on, keeping their checksum. */
class Writer {
  bytes = 0;
  readonly checksum = new PieceChecksum();

  constructor(
    private readonly file: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async put(piece: Buffer): Promise<void> {
    throwIfAborted(this.signal);
    this.checksum.add(piece);
    await this.file.write(piece, 0, piece.length, HEADER_BYTES + this.bytes);
    this.bytes += piece.length;
  }

  async end(): Promise<void> {
    const zeros = padding(this.bytes);
    if (zeros > 0) await this.put(Buffer.alloc(zeros));
  }

  /** Where each id ends in the bytes that follow, the bytes, and a hash table. Returns how many bytes. */
  async putIds(ids: Ids, count: number): Promise<number> {
    const ends = new Uint32Array(count);
    const slots = new Uint32Array(slotsFor(count));
    const pieces: Buffer[] = [];
    let end = 0;
    for (let i = 0; i < count; i++) {
      const name = Buffer.from(ids.nameOf(i));
      pieces.push(name);
      end += name.length;
      ends[i] = end;
      placeId(slots, hashOf(name, 0, name.length), i);
      if (i % 4096 === 0) await nextTurn();
    }
    await this.put(bytesOf(ends));
    await this.end();
    for (let from = 0; from < count; from += 8192) await this.put(Buffer.concat(pieces.slice(from, from + 8192)));
    await this.end();
    await this.put(bytesOf(slots));
    await this.end();
    return end;
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

  async putBases(engine: () => AlsEngine, factors: number): Promise<void> {
    const bases = new Float32Array(factors + factors * factors);
    checkStatus(engine().bases(bases), 'Copying the bases');
    await this.put(bytesOf(bases));
    await this.end();
  }
}

async function write(file: FileHandle, writer: Writer, model: FittedModel, engine: () => AlsEngine): Promise<void> {
  const { users, items, entries } = engine().stats();
  const { parameters, losses } = model;
  const { factors } = parameters;
  const meta = Buffer.from(JSON.stringify({ parameters, losses } satisfies Meta));
  await writer.put(meta);
  await writer.end();
  const userIdBytes = await writer.putIds(model.users, users);
  const itemIdBytes = await writer.putIds(model.items, items);
  await writer.putFactors(engine, Side.USERS, users, factors);
  await writer.putFactors(engine, Side.ITEMS, items, factors);
  await writer.putHistories(engine, users);
  await writer.putBases(engine, factors);
  const header = encodeHeader({
    ...{ metaBytes: meta.length, factors, users, items, entries, userIdBytes, itemIdBytes },
    ...{ payloadBytes: writer.bytes, checksum: writer.checksum.end() },
  });
  await file.write(header, 0, HEADER_BYTES, 0);
  await file.sync();
}

/** Writes a model to a file beside `path` that takes its name once it is on the disk. `engine` throws once the model is closed. */
export async function saveModel(
  path: string,
  options: { readonly signal?: AbortSignal },
  model: FittedModel,
  engine: () => AlsEngine,
): Promise<void> {
  checkPath(path);
  checkOptionNames(options, ['signal']);
  checkJobOptions(options);
  throwIfAborted(options.signal);
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  let file: FileHandle;
  try {
    file = await open(beside, 'wx');
  } catch {
    throw await snapshotError(EngineStatus.IO, path, 'save', SNAPSHOT_OF);
  }
  try {
    try {
      await write(file, new Writer(file, options.signal), model, engine);
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
