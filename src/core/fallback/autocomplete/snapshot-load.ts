import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { EngineStatus } from '../../jobs/job';
import { compareCodePoints } from './code-points';
import type { StoredEntry } from './entry-store';
import {
  decodeHeader,
  fits,
  FLAG_HAS_ANALYSIS,
  FLAG_IN_STOCK,
  HEADER_BYTES,
  padding,
  VERSION,
} from './snapshot-format';
import { type Cancellation, Failure, type Steps } from '../steps';

const READ_BYTES = 1 << 20;
const LARGEST = 2 ** 53;
const LONGEST_ID = 1024;
const LONGEST_TEXT = 10_000;
const MOST_CATEGORIES = 255;

function corrupt(what: string): Failure {
  return new Failure(EngineStatus.CORRUPT, what);
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let read = 0; read < into.length;) {
    const { bytesRead } = await file.read(into, read, into.length - read, position + read);
    if (bytesRead === 0) throw corrupt('The file ends too early');
    read += bytesRead;
  }
}

/** Reads a snapshot's payload and checks it against the header. */
export async function readSnapshot(
  path: string,
  cancellation: Cancellation,
): Promise<{ count: number; payload: Buffer }> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Failure(EngineStatus.IO, 'Not a file with a beginning and an end');
    const { size } = stat;
    const start = Buffer.alloc(HEADER_BYTES);
    await readFully(file, start, 0);
    const header = decodeHeader(start);
    if (!header) throw corrupt('The header is not that of a snapshot');
    if (header.version !== VERSION) throw new Failure(EngineStatus.VERSION, 'Another version of the format');
    if (!fits(header, size)) throw corrupt('The file has another length than it says');
    const payload = Buffer.allocUnsafeSlow(header.payloadBytes);
    let checksum = 0;
    for (let from = 0; from < payload.length; from += READ_BYTES) {
      cancellation.check();
      const piece = payload.subarray(from, from + READ_BYTES);
      await readFully(file, piece, HEADER_BYTES + from);
      checksum = crc32(piece, checksum);
    }
    if (checksum !== header.payloadChecksum) throw corrupt('The checksum does not match');
    let indexChecksum = 0;
    for (let from = HEADER_BYTES + header.payloadBytes; from < size; from += READ_BYTES) {
      cancellation.check();
      const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, size - from));
      await readFully(file, piece, from);
      indexChecksum = crc32(piece, indexChecksum);
    }
    if (indexChecksum !== header.indexChecksum) throw corrupt('The checksum of the index part does not match');
    return { count: header.count, payload };
  } finally {
    await file.close();
  }
}

/** A column of strings: entry i has the bytes before `ends[i]` and from the end before it. */
class StringColumn {
  constructor(
    private readonly ends: Buffer,
    private readonly bytes: Buffer,
  ) {}

  endOf(entry: number): number {
    return entry < 0 ? 0 : this.ends.readUInt32LE(entry * 4);
  }

  at(entry: number): string {
    return this.bytes.toString('utf8', this.endOf(entry - 1), this.endOf(entry));
  }

  /** Checks that entries `from..to` lie one after the other and are well-formed each. */
  check(from: number, to: number): void {
    const start = this.endOf(from - 1);
    let before = start;
    for (let i = from; i < to; i++) {
      const end = this.endOf(i);
      if (end < before || end > this.bytes.length) throw corrupt('The ends of a column do not ascend');
      // The whole piece is checked below; what is left to rule out is a cut within a character.
      if (end < this.bytes.length && ((this.bytes[end] as number) & 0xc0) === 0x80) throw corrupt('A cut character');
      before = end;
    }
    if (!isUtf8(this.bytes.subarray(start, before))) throw corrupt('Not UTF-8');
  }
}

/** Cuts a payload into its sections. */
class Sections {
  private at = 0;

  constructor(private readonly payload: Buffer) {}

  take(bytes: number): Buffer {
    const end = this.at + bytes;
    const next = end + padding(end);
    if (next > this.payload.length) throw corrupt('A section ends beyond the file');
    for (let i = end; i < next; i++) if (this.payload[i] !== 0) throw corrupt('Padding is not zero');
    const section = this.payload.subarray(this.at, end);
    this.at = next;
    return section;
  }

  takeStrings(count: number): StringColumn {
    const ends = this.take(count * 4);
    return new StringColumn(ends, this.take(count === 0 ? 0 : ends.readUInt32LE(count * 4 - 4)));
  }

  end(): void {
    if (this.at !== this.payload.length) throw corrupt('Something follows the last section');
  }
}

function checkEntry(entry: StoredEntry, flags: number): void {
  const { id, text, weight, price, categories } = entry;
  if (id === '' || id.length > LONGEST_ID || id.includes('\u0001')) throw corrupt('An id that cannot be');
  if (text.length > LONGEST_TEXT) throw corrupt('A text that is too long');
  if (!(Math.abs(weight) <= LARGEST)) throw corrupt('A weight that cannot be');
  if (!Number.isNaN(price) && !(Math.abs(price) <= LARGEST)) throw corrupt('A price that cannot be');
  if (categories.split('\u0001', MOST_CATEGORIES + 1).length > MOST_CATEGORIES) throw corrupt('Too many categories');
  if (flags > FLAG_IN_STOCK + FLAG_HAS_ANALYSIS) throw corrupt('Unknown flags');
}

function checkOrder(before: StoredEntry, entry: StoredEntry): void {
  const difference = before.weight - entry.weight;
  if (difference < 0 || (difference === 0 && compareCodePoints(before.id, entry.id) >= 0)) {
    throw corrupt('The entries are out of order');
  }
}

/** Hands the entries of a payload to `append`, which returns false for an id it already has. */
export function* decodePayload(count: number, payload: Buffer, append: (entry: StoredEntry) => boolean): Steps<void> {
  const sections = new Sections(payload);
  const weights = sections.take(count * 8);
  const prices = sections.take(count * 8);
  const flags = sections.take(count);
  const ids = sections.takeStrings(count);
  const texts = sections.takeStrings(count);
  const analyses = sections.takeStrings(count);
  const categories = sections.takeStrings(count);
  sections.end();
  let before: StoredEntry | undefined;
  for (let i = 0; i < count; i++) {
    if (i % 256 === 0) {
      yield;
      for (const column of [ids, texts, analyses, categories]) column.check(i, Math.min(i + 256, count));
    }
    const flag = flags[i] as number;
    const analysis = analyses.at(i);
    if (analysis !== '' && (flag & FLAG_HAS_ANALYSIS) === 0) throw corrupt('An analysis without its flag');
    const entry: StoredEntry = {
      id: ids.at(i),
      text: texts.at(i),
      analysis: (flag & FLAG_HAS_ANALYSIS) === 0 ? null : analysis,
      weight: weights.readDoubleLE(i * 8),
      price: prices.readDoubleLE(i * 8),
      inStock: (flag & FLAG_IN_STOCK) !== 0,
      categories: categories.at(i),
    };
    checkEntry(entry, flag);
    if (Number.isNaN(entry.price) && prices.readBigUInt64LE(i * 8) !== 0x7ff8000000000000n) {
      throw corrupt('A price that cannot be');
    }
    if (before) checkOrder(before, entry);
    if (!append(entry)) throw corrupt('An id comes twice');
    before = entry;
  }
}
