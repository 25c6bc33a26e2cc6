import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { visitorsShopper } from '../../src/contexts/cart/rules';
import { holdoutVariant } from '../../src/contexts/promotions';
import { visitorId } from '../contexts/tracking/shop';
import { describeInBrowser } from '../support/browser';
import { openShop, type Shop } from './shop';
import { hasFocus, sidewaysScroll } from './waiting';

describeInBrowser('the coupon field of the basket', () => {
  let shop: Shop;
  let page: Page;
  beforeAll(async () => {
    shop = await openShop();
    await coupon({ code: 'SPRING-10', name: 'Spring', percent: '10' });
    ({ page } = await shop.visit(`/p/${shop.idOf('Retro Red Reading Lamp')}`, {
      viewport: { width: 360, height: 800 },
    }));
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('link', { name: 'basket', exact: true }).click();
  });
  afterAll(async () => {
    await page?.context().close();
    await shop?.close();
  });

  const coupon = async (input: Record<string, string>): Promise<string> => {
    const answer = await fetch(`${shop.url}/v1/admin/coupons`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${shop.app.adminToken}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      body: JSON.stringify(input),
    });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const field = () => page.getByLabel('Coupon', { exact: true });

  test('says that there is no such coupon, and nothing changes', async () => {
    await field().fill('SUMMER');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('alert').getByText('Not applied: there is no such coupon.').waitFor();
    await hasFocus(field());
    expect(await field().inputValue()).toBe('SUMMER');
  });

  test('says what a coupon takes off, here and in the total of the checkout, until it is removed', async () => {
    await field().fill('spring-10');
    await field().press('Enter');
    await page.getByText('Coupon SPRING-10: about £3.50 less.').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    await page.reload();
    await page.getByText('Coupon SPRING-10: about £3.50 less.').waitFor();
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await page.getByLabel('Country').selectOption({ label: 'United Kingdom' });
    await page.getByText('−£3.50').waitFor();
    expect(await page.locator('dd.sum-total').textContent()).toBe('£31.49');
    await page.goBack();
    await page.getByRole('button', { name: 'Remove the coupon' }).click();
    await field().waitFor();
  });

  test('says that a coupon is not available for who is held out of it, as whom the browser is known', async () => {
    const id = await coupon({ code: 'SOME', name: 'For some', percent: '10', holdoutPercent: '50' });
    let visitor = visitorId();
    while (holdoutVariant({ id, holdoutPpm: 500_000 }, visitorsShopper(visitor)) === 'treated') visitor = visitorId();
    await page.evaluate(`localStorage.setItem('easy11.consent', '"granted"');
      localStorage.setItem('easy11.visitor', '"${visitor}"');`);
    await page.reload();
    await field().fill('some');
    await field().press('Enter');
    await page.getByText('Coupon SOME takes nothing off: it is not available for you.').waitFor();
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await page.getByLabel('Country').selectOption({ label: 'United Kingdom' });
    await page.getByText('The coupon SOME takes nothing off: it is not available for you.').waitFor();
    expect(await page.locator('dd.sum-total').textContent()).toBe('£34.99');
  });
});
