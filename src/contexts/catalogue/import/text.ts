import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder('windows-1252');
const LINE_FEED = 0x0a;

/** What a decoder met on its way. */
export interface TextNotes {
  /** Lines that are no UTF-8 and were read as Windows-1252, of which ISO-8859-1 is a part. */
  legacyLines: number;
}

/**
 * Bytes in, whole lines of text out: each line as UTF-8, or where it is none as Windows-1252. Old exports mix both, so the
 * choice is made per line; a pound sign of ISO-8859-1 (byte A3) is never valid UTF-8 on its own.
 */
export class LineDecoder extends Transform {
  private rest: Buffer = Buffer.alloc(0);
  private atStart = true;

  constructor(private readonly notes: TextNotes) {
    super({ readableObjectMode: false, encoding: 'utf8' });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) {
      this.rest = Buffer.concat([this.rest, chunk]);
      return this.rest.length > LONGEST_LINE ? done(new LineTooLong()) : done();
    }
    const whole = Buffer.concat([this.rest, chunk.subarray(0, end)]);
    this.rest = Buffer.from(chunk.subarray(end));
    done(null, this.decode(whole));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.decode(this.rest));
  }

  private decode(lines: Buffer): string {
    let text: string;
    try {
      text = utf8.decode(lines);
    } catch {
      text = this.decodeEach(lines); // some line is no UTF-8
    }
    // One kind of line end, also inside quotes, where the CSV parser would count a Windows one as two lines.
    if (text.includes('\r')) text = text.replaceAll('\r\n', '\n');
    if (!this.atStart) return text;
    this.atStart = false;
    return text.replace(/^\ufeff/, '');
  }

  private decodeEach(lines: Buffer): string {
    const decoded: string[] = [];
    for (let start = 0; start < lines.length;) {
      const feed = lines.indexOf(LINE_FEED, start);
      const end = feed === -1 ? lines.length : feed + 1;
      const line = lines.subarray(start, end);
      try {
        decoded.push(utf8.decode(line));
      } catch {
        decoded.push(windows1252.decode(line)); // every byte means something there
        this.notes.legacyLines += 1;
      }
      start = end;
    }
    return decoded.join('');
  }
}

const LONGEST_LINE = 4 << 20;

export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
  constructor() {
    super(`A line is longer than ${LONGEST_LINE} bytes: this is not a text file of records`);
  }
}

/** The text of a file or request, gunzipped where its first bytes say gzip. Calls `onBytes` with what was read so far. */
export async function* readText(
  input: Readable,
  notes: TextNotes,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<string> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let bytes = 0;
  const next = async (): Promise<Buffer | undefined> => {
    const { value, done } = await chunks.next();
    if (done) return undefined;
    onBytes((bytes += value.length));
    return value;
  };
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const chunk = await next();
    if (!chunk) break;
    head = Buffer.concat([head, chunk]);
  }
  const body = async function* (): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    for (let chunk = await next(); chunk; chunk = await next()) yield chunk;
  };
  const zipped = head[0] === 0x1f && head[1] === 0x8b;
  const source = Readable.from(body(), { objectMode: false });
  const decoder = new LineDecoder(notes);
  // A failure of any of them ends the last one with that error, which the loop below throws.
  const ended = (): void => undefined;
  if (zipped) pipeline(source, createGunzip(), decoder, ended);
  else pipeline(source, decoder, ended);
  for await (const part of decoder) yield String(part);
}
