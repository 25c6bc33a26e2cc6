import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { startSandbox, type Sandbox } from '../support/sandbox';
import { openShop, type Shop } from './shop';
import { sidewaysScroll } from './waiting';

const MUG = 'Red Retrospot Mug';

/** What a phone reads from a QR code as the page draws it. */
async function scanned(page: Page, label: string): Promise<string | undefined> {
  const drawn = page.getByRole('img', { name: label });
  await drawn.waitFor();
  const { width, pixels } = await drawn.evaluate(async (svg) => {
    const width = 400;
    const copy = svg.cloneNode(true) as Element;
    for (const side of ['width', 'height']) copy.setAttribute(side, String(width));
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = new OffscreenCanvas(width, width).getContext('2d')!;
    canvas.drawImage(image, 0, 0);
    return { width, pixels: [...canvas.getImageData(0, 0, width, width).data] };
  });
  return jsQR(Uint8ClampedArray.from(pixels), width, width)?.data;
}

describeInBrowser('an order that waits for its payer', () => {
  let shop: Shop;
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
    shop = await openShop({
      EASY11_PAYMENTS: 'sandbox',
      EASY11_SANDBOX_URL: sandbox.url,
      EASY11_SANDBOX_SECRET: sandbox.secret,
    });
    await sandbox.control({ webhookUrl: `${shop.url}/v1/webhooks/payments/sandbox` });
  });
  afterAll(async () => {
    await shop?.close();
    await sandbox?.close();
  });

  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  let customers = 0;
  const ordered = async (country: string, state: string | undefined, method: string): Promise<Page> => {
    const { page } = await shop.visit(`/p/${shop.idOf(MUG)}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    page.setDefaultTimeout(30_000);
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('link', { name: 'basket', exact: true }).click();
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await title(page, 'Checkout').waitFor();
    const customer = ++customers;
    await page.getByLabel('E-mail').fill(`bea${customer}@example.com`);
    await page.getByLabel('Name').fill('Bea Cabral');
    await page.getByLabel('Street and number').fill(`${customer} Rua Augusta`);
    await page.getByLabel('Town or city').fill('São Paulo');
    await page.getByLabel('Postcode').fill('01305-000');
    await page.getByLabel('Country').selectOption({ label: country });
    if (state) await page.getByLabel('State').selectOption({ label: state });
    await page.getByLabel(new RegExp(`^${method}`)).check();
    await page.getByLabel('It waits for you to confirm it').check();
    await page.locator('dd.sum-total').waitFor();
    await page.getByRole('button', { name: 'Order and pay' }).click();
    await title(page, 'We have your order').waitFor();
    return page;
  };

  test('by Pix shows the code to copy and to scan, and goes on by itself when it is paid', async () => {
    const page = await ordered('Brazil', 'São Paulo', 'Pix');
    await page.getByRole('heading', { name: 'Pay with Pix' }).waitFor();
    const code = await page.getByLabel('Pix code').inputValue();
    expect(code).toMatch(/^000201010212.+6304[0-9A-F]{4}$/);
    expect(await scanned(page, 'QR code of the payment by Pix')).toBe(code);
    await page.getByRole('button', { name: 'Copy the code' }).click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await sidewaysScroll(page)).toBe(0);
    const [paid] = await sandbox.books();
    await fetch(paid!.nextAction!.url, {
      method: 'POST',
      body: new URLSearchParams({ decision: 'confirm' }),
      redirect: 'manual',
    });
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(await page.getByRole('heading', { name: 'Pay with Pix' }).count()).toBe(0);
    await page.context().close();
  });

  test('by card whose bank wants to see the payer sends them there, and they come back to a confirmed order', async () => {
    const page = await ordered('United Kingdom', undefined, 'Card');
    await page.getByRole('link', { name: 'Go to your bank' }).click();
    await page.getByRole('heading', { name: 'Sandbox provider' }).waitFor();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/orders\/ord_/);
    await page.context().close();
  });
});
