import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { EntryStore } from './entry-store';
import { encodeHeader, FLAG_HAS_ANALYSIS, FLAG_IN_STOCK, HEADER_BYTES, padding } from './snapshot-format';
import { sortSteps } from '../sort';
import { type Cancellation, nextTurn, runInSlices } from '../steps';

const PIECE = 2048;

/** Writes a payload piece by piece behind a header that comes last, keeping its checksum. */
class PayloadWriter {
  bytes = 0;
  checksum = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly cancellation: Cancellation,
  ) {}

  async write(piece: Buffer): Promise<void> {
    this.cancellation.check();
    this.checksum = crc32(piece, this.checksum);
    for (let written = 0; written < piece.length;) {
      const at = HEADER_BYTES + this.bytes + written;
      written += (await this.file.write(piece, written, piece.length - written, at)).bytesWritten;
    }
    this.bytes += piece.length;
    await nextTurn();
  }

  async pad(): Promise<void> {
    await this.write(Buffer.alloc(padding(this.bytes)));
  }
}

async function writeNumbers(
  writer: PayloadWriter,
  slots: Uint32Array,
  width: number,
  put: (piece: Buffer, offset: number, slot: number) => void,
): Promise<void> {
  for (let from = 0; from < slots.length; from += PIECE) {
    const part = slots.subarray(from, from + PIECE);
    const piece = Buffer.allocUnsafe(part.length * width);
    part.forEach((slot, i) => put(piece, i * width, slot));
    await writer.write(piece);
  }
  await writer.pad();
}

async function writeStrings(
  writer: PayloadWriter,
  slots: Uint32Array,
  textOf: (slot: number) => string,
): Promise<void> {
  let end = 0;
  await writeNumbers(writer, slots, 4, (piece, offset, slot) => {
    end += Buffer.byteLength(textOf(slot));
    if (end > 0xffffffff) throw new RangeError('A column of a snapshot holds at most 4 GiB');
    piece.writeUInt32LE(end, offset);
  });
  for (let from = 0; from < slots.length; from += PIECE) {
    await writer.write(Buffer.from(Array.from(slots.subarray(from, from + PIECE), textOf).join('')));
  }
  await writer.pad();
}

function putPrice(piece: Buffer, offset: number, price: number): void {
  // NaN has many bit patterns; the format has one.
  if (Number.isNaN(price)) piece.writeBigUInt64LE(0x7ff8000000000000n, offset);
  else piece.writeDoubleLE(price, offset);
}

async function writePayload(writer: PayloadWriter, store: EntryStore, slots: Uint32Array): Promise<void> {
  await writeNumbers(writer, slots, 8, (piece, at, slot) => piece.writeDoubleLE(store.weights[slot] as number, at));
  await writeNumbers(writer, slots, 8, (piece, at, slot) => putPrice(piece, at, store.prices[slot] as number));
  await writeNumbers(writer, slots, 1, (piece, at, slot) => {
    const stock = store.inStock[slot] === 1 ? FLAG_IN_STOCK : 0;
    piece[at] = stock + (store.analyses[slot] === null ? 0 : FLAG_HAS_ANALYSIS);
  });
  await writeStrings(writer, slots, (slot) => store.ids[slot] as string);
  await writeStrings(writer, slots, (slot) => store.texts[slot] as string);
  await writeStrings(writer, slots, (slot) => store.analyses[slot] ?? '');
  await writeStrings(writer, slots, (slot) => store.sets.joinedOf(store.categorySets[slot] as number));
}

/**
 * Writes the entries of `living` to `path`: to a file beside it first, which takes its name once it is on the disk, so that
 * `path` is at no time half a snapshot. The caller holds the store.
 */
export async function saveSnapshot(
  store: EntryStore,
  living: Uint32Array,
  path: string,
  cancellation: Cancellation,
): Promise<void> {
  const slots = await runInSlices(
    sortSteps(living, (a, b) => store.compare(a, b)),
    cancellation,
  );
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(beside, 'wx');
  try {
    try {
      const writer = new PayloadWriter(file, cancellation);
      await writePayload(writer, store, slots);
      await file.write(encodeHeader(slots.length, writer.bytes, writer.checksum), 0, HEADER_BYTES, 0);
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
