import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { EngineStatus } from '../../jobs/job';
import { type Cancellation, Failure, nextTurn } from '../steps';
import { decodeHeader, decodeRecord, type DumpRecord, encodeHeader, encodeRecord, HEADER_BYTES } from './dump-format';

const RECORDS_AT_ONCE = 256;

function corrupt(what: string): Failure {
  return new Failure(EngineStatus.CORRUPT, what);
}

/** Writes the records to a file beside `path`, which takes that name once it is on the disk. */
export async function writeDump(
  path: string,
  records: readonly DumpRecord[],
  savedAt: number,
  cancellation: Cancellation,
): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(beside, 'wx');
  try {
    try {
      let [payloadBytes, payloadChecksum] = [0, 0];
      for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
        cancellation.check();
        const piece = Buffer.concat(records.slice(from, from + RECORDS_AT_ONCE).map(encodeRecord));
        payloadChecksum = crc32(piece, payloadChecksum);
        for (let written = 0; written < piece.length;) {
          const at = HEADER_BYTES + payloadBytes + written;
          written += (await file.write(piece, written, piece.length - written, at)).bytesWritten;
        }
        payloadBytes += piece.length;
        await nextTurn();
      }
      await file.write(
        encodeHeader({ count: records.length, payloadBytes, payloadChecksum, savedAt }),
        0,
        HEADER_BYTES,
        0,
      );
      await file.sync();
    } finally {
      await file.close();
    }
    cancellation.check();
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** All records of a file that is whole, and when it was saved. */
export async function readDump(
  path: string,
  cancellation: Cancellation,
): Promise<{ records: DumpRecord[]; savedAt: number }> {
  const file = await open(path, 'r');
  let bytes: Buffer;
  try {
    if (!(await file.stat()).isFile()) throw new Failure(EngineStatus.IO, 'Not a file with a beginning and an end');
    bytes = await file.readFile();
  } finally {
    await file.close();
  }
  const header = decodeHeader(bytes);
  if (header === 'version') throw new Failure(EngineStatus.VERSION, 'Another version of the format');
  const payload = bytes.subarray(HEADER_BYTES);
  if (header === undefined || header.payloadBytes !== payload.length) throw corrupt('Not the header of this file');
  if (crc32(payload) !== header.payloadChecksum) throw corrupt('The checksum does not match');
  const records: DumpRecord[] = [];
  for (let at = 0; at < payload.length;) {
    if (records.length % RECORDS_AT_ONCE === 0) {
      await nextTurn();
      cancellation.check();
    }
    const read = decodeRecord(payload, at);
    if (read === undefined) throw corrupt('Not a record');
    records.push(read.record);
    at = read.next;
  }
  if (records.length !== header.count) throw corrupt('Another number of records than it says');
  return { records, savedAt: header.savedAt };
}
