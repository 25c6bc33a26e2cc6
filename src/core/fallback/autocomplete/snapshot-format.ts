import { crc32 } from 'node:zlib';

/** See docs/snapshot-format.md. */
export const MAGIC = 'E11AUTOC';
export const VERSION = 1;
export const HEADER_BYTES = 64;
export const FLAG_IN_STOCK = 1;
export const FLAG_HAS_ANALYSIS = 2;

const CHECKSUM_OFFSET = 60;

export interface SnapshotHeader {
  readonly version: number;
  readonly count: number;
  readonly payloadBytes: number;
  readonly payloadChecksum: number;
  /** Where the table of the index part is, which the fallback checks and does not use; 0 when there is none. */
  readonly indexTable: number;
  readonly indexColumns: number;
  /** Of what follows the payload. */
  readonly indexChecksum: number;
}

/** Bytes of zeros that follow a section of `bytes` bytes. */
export function padding(bytes: number): number {
  return (8 - (bytes % 8)) % 8;
}

export function encodeHeader(count: number, payloadBytes: number, payloadChecksum: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER_BYTES, 12);
  header.writeUInt32LE(count, 16);
  header.writeBigUInt64LE(BigInt(payloadBytes), 24);
  header.writeUInt32LE(payloadChecksum, 32);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
  return header;
}

/** Undefined when these are not the first bytes of a snapshot. Of another version, only its number counts. */
export function decodeHeader(header: Buffer): SnapshotHeader | undefined {
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const version = header.readUInt32LE(8);
  const whole =
    header.readUInt32LE(CHECKSUM_OFFSET) === crc32(header.subarray(0, CHECKSUM_OFFSET)) &&
    header.readUInt32LE(12) === HEADER_BYTES &&
    header.readUInt32LE(20) === 0 &&
    header.readUInt32LE(56) === 0;
  if (version === VERSION && !whole) return undefined;
  return {
    version,
    count: header.readUInt32LE(16),
    payloadBytes: Number(header.readBigUInt64LE(24)),
    payloadChecksum: header.readUInt32LE(32),
    indexTable: Number(header.readBigUInt64LE(36)),
    indexColumns: header.readUInt32LE(44),
    indexChecksum: header.readUInt32LE(52),
  };
}

/** Whether a file of this many bytes is as long as its header says. */
export function fits({ payloadBytes, indexTable, indexColumns, indexChecksum }: SnapshotHeader, size: number): boolean {
  const payloadEnd = HEADER_BYTES + payloadBytes;
  if (indexTable === 0) return size === payloadEnd && indexColumns === 0 && indexChecksum === 0;
  return indexTable >= payloadEnd && size - indexTable === indexColumns * INDEX_TABLE_ENTRY;
}

const INDEX_TABLE_ENTRY = 24;
