import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { Kind, type Stored } from '../../cache/engine';
import { isWide } from '../../cache/values';

/** See docs/cache-dump-format.md. */
export const MAGIC = 'E11CACHE';
export const VERSION = 1;
export const HEADER_BYTES = 64;
const RECORD_BYTES = 24;
const CHECKSUM_OFFSET = 60;
const WIDE = 8;
const MAIN = 4;
const MOST_TAGS = 16;
const LONGEST_TAG = 1024;
const LARGEST_VALUE = 0x7fffffff;

export interface DumpHeader {
  readonly count: number;
  readonly payloadBytes: number;
  readonly payloadChecksum: number;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

export interface DumpRecord {
  readonly key: string;
  readonly kind: number;
  readonly stored: Stored;
  /** Milliseconds when it was written; Infinity for never. */
  readonly remaining: number;
  readonly main: boolean;
  readonly frequency: number;
  readonly tags: string | undefined;
}

export function encodeHeader({ count, payloadBytes, payloadChecksum, savedAt }: DumpHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER_BYTES, 12);
  header.writeBigUInt64LE(BigInt(count), 16);
  header.writeBigUInt64LE(BigInt(payloadBytes), 24);
  header.writeUInt32LE(payloadChecksum, 32);
  header.writeDoubleLE(savedAt, 40);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
  return header;
}

/** Undefined when these are not the first bytes of a dump; 'version' when they are those of another version. */
export function decodeHeader(bytes: Buffer): DumpHeader | 'version' | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  if (bytes.readUInt32LE(8) !== VERSION) return 'version';
  const header = {
    count: Number(bytes.readBigUInt64LE(16)),
    payloadBytes: Number(bytes.readBigUInt64LE(24)),
    payloadChecksum: bytes.readUInt32LE(32),
    savedAt: bytes.readDoubleLE(40),
  };
  if (!Number.isFinite(header.savedAt)) return undefined;
  if (!Number.isSafeInteger(header.count) || !Number.isSafeInteger(header.payloadBytes)) return undefined;
  return encodeHeader(header).equals(bytes.subarray(0, HEADER_BYTES)) ? header : undefined;
}

function textOf(bytes: Buffer, wide: boolean): string {
  return bytes.toString(wide ? 'utf16le' : 'latin1');
}

function encodeText(text: string): Buffer {
  return Buffer.from(text, isWide(text) ? 'utf16le' : 'latin1');
}

function encodeValue(kind: number, stored: Stored): Buffer {
  if (kind === Kind.BYTES) return Buffer.from(stored as Uint8Array);
  if (kind === Kind.JSON) return Buffer.from(stored as string);
  if (kind !== Kind.NUMBER) return encodeText(stored as string);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(stored as number);
  return bytes;
}

export function encodeRecord(record: DumpRecord): Buffer {
  const key = encodeText(record.key);
  const value = encodeValue(record.kind, record.stored);
  const tags = Buffer.from(record.tags ?? '');
  const head = Buffer.alloc(RECORD_BYTES);
  const isText = record.kind === Kind.LATIN1 || record.kind === Kind.UTF16;
  const kind = isText ? (isWide(record.stored as string) ? Kind.UTF16 : Kind.LATIN1) : record.kind;
  head.writeUInt32LE(value.length, 0);
  head.writeUInt16LE(key.length, 4);
  head[6] = kind + (isWide(record.key) ? WIDE : 0);
  head[7] = record.frequency + (record.main ? MAIN : 0);
  head.writeDoubleLE(record.remaining, 8);
  head.writeUInt32LE(tags.length, 16);
  const content = key.length + value.length + tags.length;
  return Buffer.concat([head, key, value, tags, Buffer.alloc((8 - (content % 8)) % 8)]);
}

function decodeValue(kind: number, bytes: Buffer): Stored | undefined {
  if (kind === Kind.LATIN1) return textOf(bytes, false);
  if (kind === Kind.BYTES) return Uint8Array.from(bytes);
  if (kind === Kind.JSON) return isUtf8(bytes) ? bytes.toString() : undefined;
  if (kind === Kind.NUMBER) {
    const number = bytes.length === 8 ? bytes.readDoubleLE() : NaN;
    return Number.isSafeInteger(number) ? number : undefined;
  }
  return wideText(bytes);
}

/** UTF-16 that Latin-1 could not hold: the same text has one form. */
function wideText(bytes: Buffer): string | undefined {
  const text = bytes.length % 2 === 0 ? textOf(bytes, true) : '';
  return isWide(text) ? text : undefined;
}

function decodeTags(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes) || bytes.at(-1) !== 0) return undefined;
  const tags = bytes.toString().slice(0, -1).split('\0');
  const valid = tags.length <= MOST_TAGS && tags.every((tag) => tag !== '' && Buffer.byteLength(tag) <= LONGEST_TAG);
  return valid ? bytes.toString() : undefined;
}

/** The record at `at` of a payload and where the next one begins, or undefined when it is none. */
export function decodeRecord(payload: Buffer, at: number): { record: DumpRecord; next: number } | undefined {
  if (payload.length - at < RECORD_BYTES) return undefined;
  const [value, key, tags] = [payload.readUInt32LE(at), payload.readUInt16LE(at + 4), payload.readUInt32LE(at + 16)];
  const [shape, place] = [payload[at + 6] as number, payload[at + 7] as number];
  const content = key + value + tags;
  const start = at + RECORD_BYTES;
  const next = start + Math.ceil(content / 8) * 8;
  const kind = shape % WIDE;
  const remaining = payload.readDoubleLE(at + 8);
  if (value > LARGEST_VALUE || next > payload.length || kind > Kind.NUMBER || shape >= 2 * WIDE) return undefined;
  if (place >= 2 * MAIN || payload.readUInt32LE(at + 20) !== 0 || Number.isNaN(remaining)) return undefined;
  for (let i = start + content; i < next; i++) if (payload[i] !== 0) return undefined;
  const keyBytes = payload.subarray(start, start + key);
  const keyText = shape >= WIDE ? wideText(keyBytes) : textOf(keyBytes, false);
  const stored = decodeValue(kind, payload.subarray(start + key, start + key + value));
  const joined = tags === 0 ? '' : decodeTags(payload.subarray(start + key + value, start + content));
  if (keyText === undefined || stored === undefined || joined === undefined) return undefined;
  const record: DumpRecord = {
    key: keyText,
    kind,
    stored,
    remaining,
    main: place >= MAIN,
    frequency: place % MAIN,
    tags: joined === '' ? undefined : joined,
  };
  return { record, next };
}
