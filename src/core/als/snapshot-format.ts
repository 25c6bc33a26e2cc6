import { crc32 } from 'node:zlib';

/** See docs/guides/als-internals.md, "The file". */
export const MAGIC = 'E11ALSMF';
export const VERSION = 1;
export const HEADER_BYTES = 64;
const CHECKSUM_OFFSET = 60;

export const padding = (bytes: number): number => (64 - (bytes % 64)) % 64;

export function encodeHeader(metaBytes: number, payloadBytes: number, checksum: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER_BYTES, 12);
  header.writeUInt32LE(metaBytes, 16);
  header.writeBigUInt64LE(BigInt(payloadBytes), 24);
  header.writeUInt32LE(checksum, 32);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
  return header;
}

export interface Header {
  readonly version: number;
  readonly metaBytes: number;
  readonly payloadBytes: number;
  readonly checksum: number;
}

/** Undefined when these are not the first bytes of a model. Of another version, only its number counts. */
export function decodeHeader(header: Buffer): Header | undefined {
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const version = header.readUInt32LE(8);
  const whole =
    header.readUInt32LE(CHECKSUM_OFFSET) === crc32(header.subarray(0, CHECKSUM_OFFSET)) &&
    header.readUInt32LE(12) === HEADER_BYTES;
  if (version === VERSION && !whole) return undefined;
  return {
    version,
    metaBytes: header.readUInt32LE(16),
    payloadBytes: Number(header.readBigUInt64LE(24)),
    checksum: header.readUInt32LE(32),
  };
}
