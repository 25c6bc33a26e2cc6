import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describeReport, importProducts, type ImportReport } from '../../../src/contexts/catalogue';
import { createTestDatabase } from '../../support/database';
import { openShop, TOKEN, type Shop } from './shop';

let shop: Shop;
let server: Server;
beforeAll(async () => {
  shop = await openShop();
  server = createServer(shop.app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await shop.close();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** Sends a file over a real socket, piece by piece, and reads the answer. */
async function post(file: string | Buffer, headers: Record<string, string> = {}, piece = 1 << 16): Promise<Answer> {
  const bytes = Buffer.from(file);
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/v1/admin/products/import',
        headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'text/csv', ...headers },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            body: JSON.parse(Buffer.concat(parts).toString() || '{}') as Record<string, unknown>,
          }),
        );
      },
    );
    sent.on('error', reject);
    const pieces = function* (): Generator<Buffer> {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    };
    Readable.from(pieces()).pipe(sent);
  });
}

const load = (text: string | Buffer, batch = 2000): Promise<ImportReport> => {
  const bytes = Buffer.from(text);
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
  };
  return importProducts(shop, { format: 'csv', input: Readable.from(pieces()), batch });
};
const rows = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${prefix}${n},Mug,1.00\n`).join('');
/** A gzipped file that breaks off near its end, after enough rows for several batches. */
const brokenGzip = (prefix: string): Buffer => {
  const noise = Array.from({ length: 5000 }, (_, n) => `${prefix}${n},Mug ${(n * 7919) % 10_007},1.00\n`).join('');
  const whole = gzipSync(`sku,name,price\n${noise}`);
  return whole.subarray(0, whole.length - 2000);
};

describe('a file over HTTP that is wrong as a whole', () => {
  test.each([
    ['an unknown column', 'sku,name,prise\n', 'no column'],
    ['no sku', 'name,price\n', 'sku is missing'],
    ['a column twice', 'sku,name,name\n', 'there twice'],
  ])('is answered with a problem on the same socket: %s', async (_what, header, words) => {
    const small = await post(`${header}${rows('W', 1)}`);
    expect([small.status, small.body.code]).toEqual([422, 'validation-failed']);
    expect(small.headers['content-type']).toBe('application/problem+json');
    expect(small.body.detail).toContain(words);
    const large = await post(`${header}${rows('W', 200_000)}`);
    expect([large.status, large.body.code]).toEqual([422, 'validation-failed']);
  });

  test('is unzipped when Content-Encoding says gzip, and refused when it is none', async () => {
    const headers = { 'Content-Encoding': 'gzip' };
    const good = await post(gzipSync('sku,name,price\nZ1,Mug,1.00\n'), headers);
    expect([good.status, good.body.inserted]).toEqual([200, 1]);
    const plain = await post('sku,name,price\nZ2,Mug,1.00\n', headers);
    expect([plain.status, plain.body.code]).toEqual([422, 'validation-failed']);
    expect(plain.body.detail).toContain('gzip');
    const other = await post('sku,name,price\n', { 'Content-Encoding': 'br' });
    expect([other.status, other.body.code]).toEqual([415, 'unsupported-media-type']);
  });

  test('is taken as UTF-8 only: another charset is refused', async () => {
    const file = 'sku,name,price\nY1,Mug,1.00\n';
    const latin = await post(file, { 'Content-Type': 'text/csv; charset=latin1' });
    expect([latin.status, latin.body.code]).toEqual([415, 'unsupported-media-type']);
    expect((await post(file, { 'Content-Type': 'text/csv; charset="UTF-8"' })).status).toBe(200);
  });
});

describe('a record that breaks a file', () => {
  test('with a field of 2 MB is refused by itself: the rows after it are taken', async () => {
    const report = await load(`sku,name,price\n${rows('P', 3)}P9,"${'x'.repeat(2 << 20)}",1.00\n${rows('Q', 3)}`);
    expect(report).toMatchObject({ read: 7, inserted: 6, refused: 1, aborted: false, stopped: null });
    expect(report.refusals).toMatchObject([{ line: 5, column: 'name' }]);
  });

  test('with a quote that is never closed is reported where it begins, with what was not read', async () => {
    const report = await load(`sku,name,price\n\nU1,Mug,1.00\nU2,"Cup,1.00\n${rows('V', 2)}`);
    expect(report).toMatchObject({ inserted: 1, refused: 1, aborted: true, stopped: { line: 4 } });
    expect(report.refusals).toMatchObject([{ line: 4, code: 'broken-record' }]);
    expect(describeReport(report)).toContain('Everything from line 4 on was not read');
    const answer = await post(`sku,name,price\nU1,Mug,1.00\nU2,"Cup,1.00\n${rows('V', 2)}`);
    expect(answer.body).toMatchObject({ aborted: true, stopped: { line: 3 } });
  });

  test('with a quote that is never closed ends the reading: the rest is not gathered in memory', async () => {
    let given = 0;
    const pieces = function* (): Generator<Buffer> {
      yield Buffer.from('sku,name,price\nX1,Mug,1.00\nX2,"Cup,1.00\n');
      for (; given < 100; given += 1) yield Buffer.from('X3,Mug,1.00\n'.repeat(50_000));
    };
    const report = await importProducts(shop, { format: 'csv', input: Readable.from(pieces()) });
    expect(report).toMatchObject({ read: 2, inserted: 1, refused: 1, aborted: true, stopped: { line: 3 } });
    expect(given).toBeLessThan(60);
  });
});

describe('a gzip file that breaks off', () => {
  test('says what was written before', async () => {
    const report = await load(brokenGzip('T'), 500);
    expect(report).toMatchObject({ aborted: true, stopped: { line: null, reason: expect.stringContaining('gzip') } });
    const { rows: kept } = await shop.database.pool.query("select count(*)::int from products where sku ~ '^T[0-9]'");
    expect(kept[0].count).toBe(report.inserted);
    expect(report.inserted).toBeGreaterThanOrEqual(500);
    expect(describeReport(report)).toContain('What was written before is kept');
  });

  test('makes the command print the report and fail', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'easy11-import-'));
    const { url, drop } = await createTestDatabase();
    try {
      const file = path.join(folder, 'products.csv.gz');
      await writeFile(file, brokenGzip('S'));
      const { code, output } = await runImport(['csv', file], { DATABASE_URL: url, EASY11_DATA_DIR: folder });
      expect(output).toContain('Stopped early');
      expect(output).toMatch(/Products: [1-9][\d,]* inserted/);
      expect(output).toContain('What was written before is kept');
      expect(code).toBe(1);
    } finally {
      await drop();
      await rm(folder, { recursive: true });
    }
  });
});

async function runImport(
  args: readonly string[],
  settings: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  const root = path.resolve(__dirname, '../../..');
  const command = ['--import', 'tsx', path.join(root, 'src/cli/import.ts'), ...args];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, ...settings } });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (given) => resolve(given ?? -1)));
  return { code, output };
}
