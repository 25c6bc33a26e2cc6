import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startTestApp, type TestApp } from '../support/app';

const GUIDE = path.resolve(__dirname, '../../docs/guides/checkout.md');
const can = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const describeWithShell = can('bash') && can('curl') ? describe : describe.skip;

describeWithShell('the walk through docs/guides/checkout.md', () => {
  let shop: TestApp;
  let folder: string;
  beforeAll(async () => {
    shop = await startTestApp({ EASY11_DEMO_PRODUCTS: '300', EASY11_PAYMENTS: 'sandbox' });
    folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-walk-'));
    await mkdir(path.join(folder, '.easy11'));
    await writeFile(path.join(folder, '.easy11/admin-token'), shop.adminToken);
  });
  afterAll(async () => {
    await shop.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('works step by step: an empty cart, a paid order, a cancellation, a declined card, a partial refund', async () => {
    const steps = /^## Try it$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(await readFile(GUIDE, 'utf8'))?.[1] ?? '';
    expect(steps).toContain('H="http://localhost:3000"');
    const said = await run(steps.replace('http://localhost:3000', shop.url));
    // What a step is told in place of what it asks for.
    expect(said).not.toMatch(/"traceId"|command not found|SyntaxError|TypeError/);
    const { pool } = shop.database.database;
    const { rows } = await pool.query(
      `select o.state, o.reason, p.captured::int, p.refunded::int, (o.total > 0 and o.total = p.amount) as quoted
       from orders as o join payments as p on p.order_id = o.id order by o.created_at`,
    );
    expect(rows).toEqual([
      { state: 'cancelled', reason: 'cancelled by the customer', captured: 0, refunded: 0, quoted: true },
      { state: 'cancelled', reason: 'payment-declined', captured: 0, refunded: 0, quoted: true },
      { state: 'dispatched', reason: null, captured: expect.any(Number), refunded: 100, quoted: true },
    ]);
    const carts = await pool.query(
      'select c.version, l.quantity from carts as c join cart_lines as l on l.cart_id = c.id',
    );
    expect(carts.rows).toEqual([{ version: 2, quantity: 2 }]);
    expect(said).toMatch(/"lines":\[\][\s\S]*event: order[\s\S]*"cancelled"[\s\S]*1\.00 GBP, a broken cup/);
  });

  /** Resolves to what the steps have written; a step that waits for ever is ended by the test's own deadline. */
  function run(script: string): Promise<string> {
    const shell = spawn('bash', ['-u'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const limit = setTimeout(() => shell.kill(), 150_000);
    shell.stdin.end(script);
    return new Promise((resolve, reject) => {
      shell.once('error', reject);
      shell.once('close', () => {
        clearTimeout(limit);
        resolve(said);
      });
    });
  }
});
