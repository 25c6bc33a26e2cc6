import { crc32 } from 'node:zlib';
import { slotsFor } from './stored-ids';

/** See docs/guides/als-internals.md, "The file"; native/src/als/model_file.cpp reads the same. */
export const MAGIC = 'E11ALSMF';
export const VERSION = 2;
export const HEADER_BYTES = 64;
/** Checksums are taken of pieces of so many bytes, so that several threads can check a file. */
export const PIECE = 1 << 20;
const CHECKSUM_OFFSET = 60;

export const padding = (bytes: number): number => (64 - (bytes % 64)) % 64;
const aligned = (bytes: number): number => bytes + padding(bytes);

export interface Header {
  readonly metaBytes: number;
  readonly factors: number;
  readonly payloadBytes: number;
  readonly checksum: number;
  readonly users: number;
  readonly items: number;
  readonly entries: number;
  readonly userIdBytes: number;
  readonly itemIdBytes: number;
}

export function encodeHeader(of: Header): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER_BYTES, 12);
  header.writeUInt32LE(of.metaBytes, 16);
  header.writeUInt32LE(of.factors, 20);
  header.writeBigUInt64LE(BigInt(of.payloadBytes), 24);
  header.writeUInt32LE(of.checksum, 32);
  header.writeUInt32LE(of.users, 36);
  header.writeUInt32LE(of.items, 40);
  header.writeUInt32LE(of.entries, 44);
  header.writeUInt32LE(of.userIdBytes, 48);
  header.writeUInt32LE(of.itemIdBytes, 52);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
  return header;
}

/** Undefined when these are not the first bytes of a model; only the number of another version. */
export function decodeHeader(header: Buffer): Header | { readonly version: number } | undefined {
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const version = header.readUInt32LE(8);
  if (version !== VERSION) return { version };
  if (header.readUInt32LE(CHECKSUM_OFFSET) !== crc32(header.subarray(0, CHECKSUM_OFFSET))) return undefined;
  if (header.readUInt32LE(12) !== HEADER_BYTES) return undefined;
  return {
    metaBytes: header.readUInt32LE(16),
    factors: header.readUInt32LE(20),
    payloadBytes: Number(header.readBigUInt64LE(24)),
    checksum: header.readUInt32LE(32),
    users: header.readUInt32LE(36),
    items: header.readUInt32LE(40),
    entries: header.readUInt32LE(44),
    userIdBytes: header.readUInt32LE(48),
    itemIdBytes: header.readUInt32LE(52),
  };
}

/** A part of the file: from its beginning, in bytes. */
export interface Section {
  readonly at: number;
  readonly bytes: number;
}

const SECTIONS = [
  ...['meta', 'userEnds', 'userIds', 'userSlots', 'itemEnds', 'itemIds', 'itemSlots'],
  ...['x', 'y', 'starts', 'columns', 'weights', 'bases'],
] as const;
export type Layout = Readonly<Record<'meta' | 'userEnds' | 'userIds' | 'userSlots', Section>> &
  Readonly<Record<'itemEnds' | 'itemIds' | 'itemSlots' | 'x' | 'y', Section>> &
  Readonly<Record<'starts' | 'columns' | 'weights' | 'bases', Section>>;

/** Where the sections of such a file lie, each from a multiple of 64 on, in the order in which they are written. */
export function layoutOf(header: Omit<Header, 'payloadBytes' | 'checksum'>): { layout: Layout; size: number } {
  const { metaBytes, factors, users, items, entries, userIdBytes, itemIdBytes } = header;
  const sizes = [
    ...[metaBytes, 4 * users, userIdBytes, 4 * slotsFor(users), 4 * items, itemIdBytes, 4 * slotsFor(items)],
    ...[4 * users * factors, 4 * items * factors, 4 * (users + 1), 4 * entries, 4 * entries],
    4 * (factors + factors * factors),
  ];
  let at = HEADER_BYTES;
  const layout = Object.fromEntries(
    SECTIONS.map((name, i) => {
      const section = { at, bytes: sizes[i] as number };
      at += aligned(section.bytes);
      return [name, section];
    }),
  ) as unknown as Layout;
  return { layout, size: at };
}
