'use strict';
/* Runs `npm start` on an empty data directory, as a newcomer does, and asks the printed address what a newcomer would. */
const { spawn } = require('node:child_process');
const { chmodSync, existsSync, mkdtempSync, rmSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-smoke-'));
const { DATABASE_URL: _database, REDIS_URL: _redis, ...env } = process.env;
// The embedded PostgreSQL runs as another user when root starts it: that user must be able to reach the folder.
chmodSync(data, 0o755);
const started = Date.now();
const shop = spawn('npm', ['start'], {
  env: { ...env, EASY11_DATA_DIR: data, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const fail = (why) => {
  console.error(`start smoke: ${why}`);
  shop.kill('SIGKILL');
  process.exit(1);
};
const limit = setTimeout(() => fail('no address was printed within 120 s'), 120_000);

let output = '';
let asked = false;
shop.stdout.on('data', (chunk) => {
  process.stdout.write(chunk);
  output += chunk;
  const url = /(http:\/\/localhost:\d+)/.exec(output)?.[1];
  if (url && !asked) {
    asked = true;
    check(url).catch((error) => fail(error.stack));
  }
});
let stopping = false;
const databaseRuns = () => existsSync(path.join(data, 'postgres', 'postmaster.pid'));
shop.on('exit', async (code, signal) => {
  clearTimeout(limit);
  // npm ends at once; the shop, which it started, first ends what it has begun.
  for (let i = 0; i < 100 && databaseRuns(); i++) await new Promise((resolve) => setTimeout(resolve, 200));
  rmSync(data, { recursive: true, force: true });
  if (!stopping) fail(`npm start ended by itself (${code ?? signal})`);
  if (code !== 0 && signal !== 'SIGTERM' && code !== 143) fail(`npm start ended with ${code ?? signal} after SIGTERM`);
  console.log('start smoke: stopped cleanly');
});

async function check(url) {
  console.log(`start smoke: address printed after ${Date.now() - started} ms`);
  const get = async (where) => {
    const answer = await fetch(url + where, { headers: { accept: where === '/' ? 'text/html' : 'application/json' } });
    if (!answer.ok) throw new Error(`${where} answered ${answer.status}: ${await answer.text()}`);
    return where === '/' ? answer.text() : answer.json();
  };
  const ready = await get('/readyz');
  if (ready.status !== 'ready') throw new Error(`not ready: ${JSON.stringify(ready)}`);
  const page = await get('/');
  if (!page.includes('<div id="root"')) throw new Error('the start page is not the storefront');
  for (const query of ['r', 're', 'red', 'red r', 'red re']) {
    const { data: hits } = await get(`/v1/suggestions?q=${encodeURIComponent(query)}`);
    if (query.length < 6 && hits.length === 0) throw new Error(`nothing is suggested for "${query}"`);
    console.log(
      `  ${query.padEnd(6)} -> ${hits
        .slice(0, 3)
        .map((hit) => hit.text)
        .join(' | ')}`,
    );
  }
  await buy(url, get);
  const version = await get('/version');
  console.log('  version', JSON.stringify(version));
  stopping = true;
  shop.kill('SIGTERM');
}

/** From a quote to an order whose money is promised. */
async function buy(url, get) {
  const { data } = await get('/v1/search?q=mug&inStock=true&limit=1');
  const sku = data[0]?.sku;
  if (!sku) throw new Error('no mug is in stock');
  const post = async (where, body, headers = {}) => {
    const answer = await fetch(url + where, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${where} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const quote = await post('/v1/quotes', { destination: { country: 'GB' }, lines: [{ sku, quantity: 1 }] });
  const shippingAddress = { name: 'Ada', lines: ['1 Main Street'], city: 'London', postcode: 'W1A 1AA', country: 'GB' };
  const payment = { method: 'card', token: 'tok_success' };
  const key = { 'idempotency-key': 'smoke-1' };
  const placed = await post('/v1/checkout?wait=2000', { quoteId: quote.id, ...payment, shippingAddress }, key);
  let { order } = placed;
  for (let i = 0; order.state === 'pending' && i < 50; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const answer = await fetch(`${url}/v1/orders/${order.id}`, {
      headers: { authorization: `Bearer ${placed.orderToken}` },
    });
    order = await answer.json();
  }
  if (order.state !== 'confirmed') throw new Error(`the order is ${order.state}`);
  console.log(`  bought ${sku} for ${order.total.amount} ${order.total.currency}: ${order.state}`);
}
