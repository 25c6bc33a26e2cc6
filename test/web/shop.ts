import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { eventually, startTestApp, type TestApp } from '../support/app';
import { buildPages, launchBrowser } from '../support/browser';

export interface StockedProduct {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly popularity: number;
  readonly inStock: boolean;
  readonly brand: string;
  readonly description: string;
}

const stock = (name: string, category: string, popularity: number, amount: number, inStock = true): StockedProduct => ({
  sku: name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '-'),
  name,
  category,
  price: { amount, currency: 'GBP' },
  popularity,
  inStock,
  brand: 'Hartwell',
  description: `${name}: pleasant to hold and easy to clean.`,
});

/** Every popularity differs, so that every order is certain. */
export const STOCK: readonly StockedProduct[] = [
  stock('Red Retrospot Mug', 'kitchen/mugs', 1000, 295),
  stock('Retro Red Reading Lamp', 'lighting', 950, 3499),
  stock('Red Regency Teacup', 'kitchen/mugs', 900, 1250),
  stock('Green Regency Teacup', 'kitchen/mugs', 850, 1250),
  stock('Red Rose Hand Soap', 'bathroom', 800, 450, false),
  stock('Rustic Oak Bread Board', 'kitchen', 750, 2200),
  stock('Recycled Reed Basket', 'garden', 700, 1800),
  stock('Rosemary Plant Pot', 'garden', 650, 800),
  stock('Round Glass Jar', 'kitchen', 600, 350),
  stock('Ribbon Candle', 'lighting', 550, 599),
  stock('Blue Enamel Mug', 'kitchen/mugs', 500, 799),
  ...Array.from({ length: 30 }, (_, number) =>
    stock(`Stacking Mug Number ${number + 1}`, 'kitchen/mugs', 100 - number, 1000 + number, number % 3 !== 0),
  ),
];

/** Brute force: products of which every word of the query begins some word, the most popular first. */
export function expectedNames(query: string, category = ''): string[] {
  const words = query.toLowerCase().split(' ').filter(Boolean);
  return STOCK.filter(({ name, category: path }) => {
    const names = name.toLowerCase().split(' ');
    const inCategory = category === '' || path === category || path.startsWith(`${category}/`);
    return inCategory && words.every((word) => names.some((one) => one.startsWith(word)));
  })
    .sort((a, b) => b.popularity - a.popularity)
    .slice(0, 8)
    .map(({ name }) => name);
}

export interface Visit {
  readonly page: Page;
  /** What went wrong inside the page: exceptions, and what the content security policy refused. */
  readonly complaints: string[];
}

export interface Shop {
  readonly url: string;
  readonly app: TestApp;
  idOf(name: string): string;
  visit(where: string, options?: BrowserContextOptions, prepare?: (page: Page) => Promise<unknown>): Promise<Visit>;
  close(): Promise<void>;
}

/** The real shop with known products, and a browser to visit it with; `userAgent` is what that says it is. */
export async function openShop(env: Readonly<Record<string, string>> = {}, userAgent?: string): Promise<Shop> {
  await buildPages();
  const app = await startTestApp(env);
  const ids = await stockShelves(app).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const browser: Browser = await launchBrowser(userAgent);
  return {
    url: app.url,
    app,
    idOf(name) {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`There is no product called ${name}`);
      return id;
    },
    async visit(where, options = {}, prepare) {
      // What moves is drawn anew sixty times a second, and a click waits until it stands still.
      const usual = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' } as const;
      const context = await browser.newContext({ ...usual, ...options });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (/Content Security Policy|Warning:/.test(message.text())) complaints.push(message.text());
      });
      await prepare?.(page);
      await page.goto(app.url + where);
      await page.locator('h1').waitFor();
      return { page, complaints };
    },
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

/** Imports the stock, waits until it can be found, and gives each product's id by its name. */
async function stockShelves(app: TestApp): Promise<Map<string, string>> {
  const answer = await fetch(`${app.url}/v1/admin/products/import`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${app.adminToken}`, 'Content-Type': 'application/x-ndjson' },
    body: STOCK.map((product) => JSON.stringify({ ...product, status: 'active' })).join('\n'),
  });
  const report = await answer.text();
  if (!answer.ok || !report.includes(`"inserted":${STOCK.length}`)) throw new Error(`The import failed: ${report}`);
  await eventually(60_000, async () => namesIn((await app.get('/v1/suggestions?q=blue')).body).length === 1);
  await fillWarehouse(app);
  const { body } = await app.get('/v1/products?limit=100');
  return new Map((body as { data: { id: string; name: string }[] }).data.map(({ id, name }) => [name, id]));
}

/** How many there are of everything that is in stock. */
export const UNITS = 20;

async function fillWarehouse(app: TestApp): Promise<void> {
  const post = async (where: string, body: unknown): Promise<{ id: string }> => {
    const headers = {
      Authorization: `Bearer ${app.adminToken}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    };
    const answer = await fetch(app.url + where, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${where}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const { id } = await post('/v1/admin/warehouses', { code: 'MAIN', name: 'Main' });
  const lines = STOCK.filter(({ inStock }) => inStock).map(({ sku }) => ({ sku, quantity: UNITS }));
  await post('/v1/admin/stock/adjustments', { warehouseId: id, kind: 'receipt', lines });
  const rates = { USD: '1.25', EUR: '1.2', INR: '107', BRL: '7.5', AUD: '2', SGD: '1.7' };
  await post('/v1/admin/fx-snapshots', { base: 'GBP', source: 'round rates for tests', takenOn: '2025-01-01', rates });
}

export const namesIn = (body: unknown): string[] => (body as { data: { text: string }[] }).data.map(({ text }) => text);

export const searchBox = (page: Page) => page.getByRole('combobox', { name: 'Search for products' });

/** The products in the popup; the category filter has options of its own. */
export const options = (page: Page) => page.getByRole('listbox', { name: 'Products' }).getByRole('option');

/** The names of the products in the popup, top to bottom. */
export const suggested = (page: Page): Promise<string[]> =>
  options(page)
    .locator('.suggestion-name')
    .evaluateAll((elements) => elements.map((element) => element.textContent ?? ''));
