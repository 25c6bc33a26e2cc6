import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import { crc32 } from 'node:zlib';
import { Easy11Error } from '../errors';
import { snapshotError, throwIfAborted } from '../jobs/run-job';
import { EngineStatus } from '../jobs/job';
import type { RangeEngine } from './engine';
import { LIMITS } from './numbers';
import type { ReadColumns } from './reading';
import { Schema } from './schema';
import type { RangeSchema } from './types';

/**
 * A snapshot: 64 bytes of header (magic, version, sizes, two checksums), the schema and the names of facet values as JSON,
 * then the columns: ids ascending, numbers as float64 (NaN for none), facet codes; little-endian, each padded to 8 bytes.
 */
const MAGIC = 'E11RANGE';
const VERSION = 1;
const HEADER = 64;
const PIECE = 1 << 20;
const MOST_JSON = 1 << 28;
const OF = 'a RangeIndex';

interface Description {
  readonly schema: RangeSchema;
  readonly values: readonly (readonly (string | boolean | null)[])[];
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
const bytesOf = (column: Uint32Array | Float64Array | Uint16Array): Buffer =>
  Buffer.from(column.buffer, column.byteOffset, column.byteLength);

/** Writes what the engine holds now, whole or not at all. Columns are copied at once, the file is written in pieces. */
export async function saveSnapshot(
  engine: RangeEngine,
  schema: Schema,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfAborted(signal);
  const rows = engine.rows();
  const ids = new Uint32Array(rows);
  engine.exportIds(ids);
  const numbers = schema.numbers.map(({ index }) => {
    const column = new Float64Array(rows);
    engine.exportNumbers(index, column);
    return column;
  });
  const facets = schema.facets.map(({ index }) => {
    const column = new Uint16Array(rows);
    engine.exportFacets(index, column);
    return column;
  });
  const description: Description = { schema: schema.given, values: schema.facets.map(({ values }) => values) };
  const json = Buffer.from(JSON.stringify(description));
  await onDisk(path, 'save', async () => {
    const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    const file = await open(beside, 'wx');
    try {
      try {
        let size = 0;
        let checksum = 0;
        for (const column of [json, ...[ids, ...numbers, ...facets].map(bytesOf)]) {
          const zeros = Buffer.alloc(padded(column.length) - column.length);
          for (let from = 0; from < column.length; from += PIECE) {
            const piece = column.subarray(from, from + PIECE);
            checksum = crc32(piece, checksum);
            await write(file, piece, HEADER + size);
            size += piece.length;
            throwIfAborted(signal);
          }
          checksum = crc32(zeros, checksum);
          await write(file, zeros, HEADER + size);
          size += zeros.length;
        }
        await write(file, encodeHeader(rows, json.length, size, checksum), 0);
        await file.sync();
      } finally {
        await file.close();
      }
      throwIfAborted(signal);
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  });
}

/** Reads a snapshot, whatever backend wrote it. Throws ERR_EASY11_IO, _CORRUPT_SNAPSHOT or _SNAPSHOT_VERSION. */
export async function loadSnapshot(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ schema: Schema; columns: ReadColumns }> {
  throwIfAborted(signal);
  return onDisk(path, 'load', async () => {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw await snapshotError(EngineStatus.IO, path, 'load', OF);
      const header = Buffer.alloc(HEADER);
      await readFully(file, header, 0);
      const { rows, jsonBytes, payloadBytes, checksum } = decodeHeader(header);
      if (payloadBytes !== stat.size - HEADER || jsonBytes > Math.min(MOST_JSON, payloadBytes)) throw new Corrupt();
      const payload = Buffer.from(new ArrayBuffer(payloadBytes));
      let found = 0;
      for (let from = 0; from < payloadBytes; from += PIECE) {
        throwIfAborted(signal);
        const piece = payload.subarray(from, from + PIECE);
        await readFully(file, piece, HEADER + from);
        found = crc32(piece, found);
      }
      if (found !== checksum) throw new Corrupt();
      return decode(payload, rows, jsonBytes);
    } finally {
      await file.close();
    }
  });
}

class Corrupt extends Error {}
class OtherVersion extends Error {}

async function onDisk<T>(path: string, verb: 'load' | 'save', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Corrupt) throw await snapshotError(EngineStatus.CORRUPT, path, verb, OF);
    if (error instanceof OtherVersion) throw await snapshotError(EngineStatus.VERSION, path, verb, OF);
    if (error instanceof Easy11Error) throw error;
    // Not instanceof: an error of the platform is of another realm inside Jest and vm.
    const message = isNativeError(error) ? `: ${error.message}` : '';
    if (isNativeError(error) && error.name === 'RangeError' && !('syscall' in error)) {
      throw new Easy11Error('ERR_EASY11_OUT_OF_MEMORY', `Not enough memory to ${verb} ${path}`, { cause: error });
    }
    throw new Easy11Error('ERR_EASY11_IO', `Cannot ${verb} ${path}${message}`, { cause: error });
  }
}

async function write(file: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let written = 0; written < piece.length;) {
    written += (await file.write(piece, written, piece.length - written, position + written)).bytesWritten;
  }
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let read = 0; read < into.length;) {
    const { bytesRead } = await file.read(into, read, into.length - read, position + read);
    if (bytesRead === 0) throw new Corrupt();
    read += bytesRead;
  }
}

function encodeHeader(rows: number, jsonBytes: number, payloadBytes: number, checksum: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER, 12);
  header.writeUInt32LE(rows, 16);
  header.writeUInt32LE(jsonBytes, 20);
  header.writeBigUInt64LE(BigInt(payloadBytes), 24);
  header.writeUInt32LE(checksum, 32);
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60);
  return header;
}

function decodeHeader(header: Buffer): { rows: number; jsonBytes: number; payloadBytes: number; checksum: number } {
  if (header.toString('latin1', 0, 8) !== MAGIC) throw new Corrupt();
  if (header.readUInt32LE(8) !== VERSION) throw new OtherVersion();
  const whole = header.readUInt32LE(60) === crc32(header.subarray(0, 60)) && header.readUInt32LE(12) === HEADER;
  if (!whole || !header.subarray(36, 60).every((byte) => byte === 0)) throw new Corrupt();
  return {
    rows: header.readUInt32LE(16),
    jsonBytes: header.readUInt32LE(20),
    payloadBytes: Number(header.readBigUInt64LE(24)),
    checksum: header.readUInt32LE(32),
  };
}

/** Everything is checked as input of a stranger is: a checksum only tells accidents. */
function decode(payload: Buffer, rows: number, jsonBytes: number): { schema: Schema; columns: ReadColumns } {
  const schema = decodeSchema(payload.toString('utf8', 0, jsonBytes));
  let at = 0;
  const take = (bytes: number): number => {
    const begin = at;
    at += padded(bytes);
    if (at > payload.length || payload.subarray(begin + bytes, at).some((byte) => byte !== 0)) throw new Corrupt();
    return begin;
  };
  take(jsonBytes);
  const ids = new Uint32Array(payload.buffer, take(4 * rows), rows);
  const numbers = schema.numbers.map(() => new Float64Array(payload.buffer, take(8 * rows), rows));
  const facets = schema.facets.map(() => new Uint16Array(payload.buffer, take(2 * rows), rows));
  if (at !== payload.length) throw new Corrupt();
  for (let i = 0; i < rows; i++) {
    if ((ids[i] as number) > LIMITS.ID || (i > 0 && (ids[i] as number) <= (ids[i - 1] as number))) throw new Corrupt();
  }
  schema.numbers.forEach(({ type, index }) => {
    const most = type === 'int32' ? LIMITS.INT32 : LIMITS.NUMBER;
    for (const value of numbers[index] as Float64Array) {
      if (value !== value) continue;
      if (!(Math.abs(value) <= most) || Object.is(value, -0)) throw new Corrupt();
      if (type === 'int32' ? !Number.isInteger(value) : type === 'float32' && Math.fround(value) !== value) {
        throw new Corrupt();
      }
    }
  });
  schema.facets.forEach(({ values, index }) => {
    for (const code of facets[index] as Uint16Array) if (code >= values.length) throw new Corrupt();
  });
  return { schema, columns: { ids, numbers, facets } };
}

function decodeSchema(json: string): Schema {
  try {
    const { schema: given, values } = JSON.parse(json) as Description;
    const schema = new Schema(given);
    if (!Array.isArray(values) || values.length !== schema.facets.length) throw new Corrupt();
    for (const facet of schema.facets) {
      const own = values[facet.index] as readonly (string | boolean | null)[];
      if (!Array.isArray(own) || own[0] !== null) throw new Corrupt();
      own.forEach((value: unknown, code) => {
        if (code > 0 && (value === null || facet.codeOf(value) !== code)) throw new Corrupt();
      });
    }
    return schema;
  } catch {
    // Whatever is wrong with the description, the file is not one of ours.
    throw new Corrupt();
  }
}
