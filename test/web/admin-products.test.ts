import type { Page } from 'playwright-core';
import { ADMIN_TOKEN, eventually, startTestApp, type TestApp } from '../support/app';
import { buildPages, describeInBrowser, launchBrowser } from '../support/browser';
import { violations } from './axe';
import { sidewaysScroll } from './waiting';

interface Told {
  readonly id: string;
  readonly price: { readonly amount: number };
  readonly cost: { readonly amount: number } | null;
}

describeInBrowser('the catalogue in the back office', () => {
  let app: TestApp;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  const complaints: string[] = [];

  beforeAll(async () => {
    await buildPages();
    app = await startTestApp();
    const lines = Array.from({ length: 25 }, (_, n) => {
      const price = { amount: 1000, currency: 'GBP' };
      const cost = n === 0 ? null : { amount: 250 + 10 * n, currency: 'GBP' };
      const category = n % 2 === 0 ? 'kitchen/mugs' : 'garden';
      return JSON.stringify({ sku: `MUG-${n}`, name: `Mug ${n}`, price, cost, category, popularity: 100 - n });
    });
    await admin('POST', 'products/import', lines.join('\n'), 'application/x-ndjson');
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  async function admin(method: string, where: string, body?: string, type = 'application/json'): Promise<unknown> {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': type, 'If-Match': '*' };
    const answer = await fetch(`${app.url}/v1/admin/${where}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    if (!answer.ok) throw new Error(`${where}: ${await answer.text()}`);
    return answer.json();
  }
  const told = async (sku: string): Promise<Told> => {
    const { data } = (await admin('GET', 'products?limit=100')) as { data: (Told & { sku: string })[] };
    const found = data.find((product) => product.sku === sku);
    if (!found) throw new Error(`There is no ${sku}`);
    return found;
  };
  const open = async (): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Warning:/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${app.url}/admin/products`);
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor();
    return page;
  };
  const rowOf = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  const cells = async (page: Page, name: string): Promise<string[]> =>
    (await rowOf(page, name).getByRole('cell').allTextContents()).map((text) => text.replaceAll('\u00a0', ' '));
  const edit = async (page: Page, name: string) => {
    await rowOf(page, name).getByRole('button', { name: /^Edit/ }).click();
    return page.getByRole('region', { name: `Edit ${name}`, exact: true });
  };

  test('shows what each product costs and leaves, of a category and page by page, to everybody', async () => {
    const page = await open();
    await rowOf(page, 'Mug 1').waitFor();
    expect(await cells(page, 'Mug 1')).toEqual(['MUG-1', 'For sale', '£10.00', '£2.60', '74.0 %', 'Edit: Mug 1']);
    expect((await cells(page, 'Mug 0')).slice(3, 5)).toEqual(['unknown', '']);
    await page.getByRole('button', { name: 'Next page' }).click();
    await rowOf(page, 'Mug 24').waitFor();
    await page.getByRole('button', { name: 'Page before' }).click();
    await rowOf(page, 'Mug 1').waitFor();
    await page.getByLabel('Category').selectOption({ label: '– Mugs' });
    await eventually(20_000, async () => (await page.getByRole('rowheader').count()) === 13);
    await edit(page, 'Mug 2');
    for (const [width, colorScheme] of [
      [360, 'dark'],
      [1440, 'light'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
    }
  });

  test('takes another cost and says what it leaves before it is saved', async () => {
    const page = await open();
    const editor = await edit(page, 'Mug 3');
    const cost = editor.getByLabel('Cost in GBP');
    expect(await cost.inputValue()).toBe('2.80');
    expect(await page.evaluate('document.activeElement.labels[0].textContent')).toBe('Name');
    await cost.fill('4.00');
    await editor.getByText('Margin: 60.0').waitFor();
    await editor.getByRole('button', { name: 'Save' }).click();
    await editor.getByRole('status').getByText('Mug 3 is saved.').waitFor();
    await eventually(20_000, async () => (await cells(page, 'Mug 3'))[3] === '£4.00');
    expect(await told('MUG-3')).toMatchObject({ cost: { amount: 400 }, price: { amount: 1000 } });
    await cost.fill('');
    await editor.getByText('Margin: unknown').waitFor();
    await editor.getByRole('button', { name: 'Save' }).click();
    await eventually(20_000, async () => (await told('MUG-3')).cost === null);
    await cost.fill('dear');
    await editor.getByRole('button', { name: 'Save' }).click();
    await editor.getByRole('status').getByText('Write an amount of GBP like 2.95.').waitFor();
  });

  test('does not write over what somebody else has changed meanwhile', async () => {
    const page = await open();
    const editor = await edit(page, 'Mug 5');
    await admin(
      'PATCH',
      `products/${(await told('MUG-5')).id}`,
      JSON.stringify({ cost: { amount: 7, currency: 'GBP' } }),
    );
    await editor.getByLabel('Price in GBP').fill('12.00');
    await editor.getByRole('button', { name: 'Save' }).click();
    await editor.getByRole('status').getByText('That did not work: The version is now 2').waitFor();
    await eventually(20_000, async () => (await cells(page, 'Mug 5'))[3] === '£0.07');
    await edit(page, 'Mug 5');
    await editor.getByLabel('Price in GBP').fill('12.00');
    await editor.getByRole('button', { name: 'Save' }).click();
    await editor.getByRole('status').getByText('Mug 5 is saved.').waitFor();
    expect(await told('MUG-5')).toMatchObject({ cost: { amount: 7 }, price: { amount: 1200 } });
  });
});
