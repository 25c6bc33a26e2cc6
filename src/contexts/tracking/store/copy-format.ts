import { HEX_DIGITS } from '../hex';
import { EVENT_COLUMNS, PREFIX_LENGTH, type EventFields } from './events';

/**
 * Rows of `tracking_events (batch, …)` in the binary format of COPY (PostgreSQL manual, *COPY*, "Binary Format"): written at once
 * into one buffer, and read by PostgreSQL without parsing numbers, moments and UUIDs out of text.
 */

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Flags and the length of an extension follow: none of either. */
const HEADER_BYTES = SIGNATURE.length + 8;
const TRAILER_BYTES = 2;
// Names of this module: an import is looked up in the other one at every use.
const [COLUMNS, DIGITS] = [EVENT_COLUMNS, HEX_DIGITS];
/** Everything of a row but its texts: a count, and of the batch and each column a length and at most a UUID. */
const ROW_BYTES = 2 + (4 + 16) * (1 + COLUMNS.length);
const UUID_LENGTH = 36;
const DASH = '-'.charCodeAt(0);
/** Characters of a text that are written one by one: it is not worth a call into the runtime. */
const SHORT = 40;
/** PostgreSQL counts microseconds from 2000 on. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** The rows of one write. O(bytes). */
export function encodeRows(batch: number, events: readonly EventFields[]): Buffer {
  const rows = new Rows(HEADER_BYTES + TRAILER_BYTES + events.length * (ROW_BYTES + SHORT));
  for (const event of events) rows.add(batch, event);
  return rows.end();
}

class Rows {
  #bytes: Buffer;
  #view: DataView;
  #at = HEADER_BYTES;

  constructor(room: number) {
    [this.#bytes, this.#view] = allocate(room);
    this.#bytes.set(SIGNATURE);
    this.#bytes.fill(0, SIGNATURE.length, HEADER_BYTES);
  }

  add(batch: number, event: EventFields): void {
    this.#reserve(ROW_BYTES + TRAILER_BYTES);
    this.#view.setInt16(this.#at, 1 + COLUMNS.length);
    this.#at += 2;
    this.#long(batch);
    for (const { type, of } of COLUMNS) {
      const value = of(event);
      if (value === undefined) this.#length(-1);
      else if (type === 'uuid') this.#uuid(value as string);
      else if (type === 'text') this.#text(value as string);
      else if (type === 'timestamptz') this.#long(((value as number) - EPOCH_MS) * 1_000);
      else this.#int(value as number);
    }
  }

  end(): Buffer {
    this.#view.setInt16(this.#at, -1);
    return this.#bytes.subarray(0, this.#at + TRAILER_BYTES);
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const before = this.#bytes;
    [this.#bytes, this.#view] = allocate(2 * (this.#at + more));
    this.#bytes.set(before.subarray(0, this.#at));
  }

  #length(bytes: number): void {
    this.#view.setInt32(this.#at, bytes);
    this.#at += 4;
  }

  #int(value: number): void {
    this.#length(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  /** A whole number of up to 53 bits. */
  #long(value: number): void {
    this.#length(8);
    this.#view.setInt32(this.#at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(this.#at + 4, value % 2 ** 32);
    this.#at += 8;
  }

  /** From an id with its prefix: to cut the UUID out first would make another string of it. */
  #uuid(id: string): void {
    this.#length(16);
    const bytes = this.#bytes;
    let to = this.#at;
    for (let from = PREFIX_LENGTH; from < PREFIX_LENGTH + UUID_LENGTH; from += 2) {
      if (id.charCodeAt(from) === DASH) from++;
      const high = DIGITS[id.charCodeAt(from)] as number;
      bytes[to++] = (high << 4) | (DIGITS[id.charCodeAt(from + 1)] as number);
    }
    this.#at = to;
  }

  #text(text: string): void {
    // No character takes more than three bytes in UTF-8; what follows in the row must fit, too.
    this.#reserve(3 * text.length + ROW_BYTES + TRAILER_BYTES);
    const written = this.#ascii(text) ?? this.#bytes.write(text, this.#at + 4, 'utf8');
    this.#length(written);
    this.#at += written;
  }

  /** Writes a short text of ASCII alone behind where its length will be; undefined where it is none. */
  #ascii(text: string): number | undefined {
    if (text.length > SHORT) return undefined;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return undefined;
      this.#bytes[this.#at + 4 + i] = code;
    }
    return text.length;
  }
}

function allocate(room: number): [Buffer, DataView] {
  const bytes = Buffer.allocUnsafe(room);
  return [bytes, new DataView(bytes.buffer, bytes.byteOffset, room)];
}
