import type { Locator, Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { violations } from './axe';
import { openShop, options, searchBox, type Shop } from './shop';

describeInBrowser('accessibility by axe at WCAG 2.1 AA', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ EASY11_PAYMENTS: 'sandbox' });
  });
  afterAll(() => shop?.close());

  interface Place {
    readonly place: string;
    readonly where: (shop: Shop) => string;
    readonly act?: (page: Page) => Promise<void>;
  }
  const search = (text: string, sees: (page: Page) => Locator) => async (page: Page) => {
    await searchBox(page).fill(text);
    await sees(page).first().waitFor();
  };
  const addMug = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByText('1 of this in your').waitFor();
  };
  const toCheckout = async (page: Page): Promise<void> => {
    await addMug(page);
    await page.getByRole('link', { name: /^Basket/ }).click();
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await page.getByLabel('E-mail').waitFor();
  };
  const fillIn = async (page: Page): Promise<void> => {
    for (const [label, text] of [
      ['E-mail', 'ada@example.com'],
      ['Name', 'Ada'],
      ['Street and number', '12 Square'],
      ['Town or city', 'London'],
      ['Postcode', 'SW1'],
    ] as const)
      await page.getByLabel(label).fill(text);
    await page.getByLabel('Country').selectOption({ label: 'United Kingdom' });
    await page.getByLabel('Card').waitFor();
    await page.locator('dd.sum-total').waitFor();
  };
  const places: readonly Place[] = [
    { place: 'the start page', where: () => '/' },
    { place: 'a category', where: () => '/c/kitchen' },
    { place: 'a product', where: (open) => `/p/${open.idOf('Red Retrospot Mug')}` },
    { place: 'a product that is sold out', where: (open) => `/p/${open.idOf('Red Rose Hand Soap')}` },
    {
      place: 'results with every filter',
      where: () => '/search?q=mug&category=kitchen&brand=Hartwell&price.gte=500&inStock=true',
      act: async (page) => {
        const filters = page.getByRole('button', { name: 'Filters', exact: true });
        await page.locator('.shelf-name').first().waitFor();
        if (await filters.isVisible()) await filters.click();
      },
    },
    { place: 'results of a misspelt word', where: () => '/search?q=retrospto' },
    { place: 'no results', where: () => '/search?q=basket+candle' },
    { place: 'a dead end', where: () => '/no-such-page' },
    { place: 'an empty basket', where: () => '/basket' },
    {
      place: 'a product that was put into the basket',
      where: (open) => `/p/${open.idOf('Red Retrospot Mug')}`,
      act: addMug,
    },
    {
      place: 'a basket with something in it that is short',
      where: (open) => `/p/${open.idOf('Red Retrospot Mug')}`,
      act: async (page) => {
        await addMug(page);
        await page.getByRole('link', { name: /^Basket/ }).click();
        await page.getByRole('textbox', { name: /^Quantity of/ }).fill('999');
        await page.keyboard.press('Enter');
        await page.getByText(/^Only /).waitFor();
      },
    },
    {
      place: 'the checkout with everything still to be filled in',
      where: (open) => `/p/${open.idOf('Red Retrospot Mug')}`,
      act: async (page) => {
        await toCheckout(page);
        await page.getByRole('button', { name: 'Order and pay' }).click();
        await page.getByText('Enter the postcode').waitFor();
      },
    },
    {
      place: 'an order',
      where: (open) => `/p/${open.idOf('Red Retrospot Mug')}`,
      act: async (page) => {
        await toCheckout(page);
        await fillIn(page);
        expect(await violations(page)).toEqual([]); // the checkout with all of it filled in
        await page.getByRole('button', { name: 'Order and pay' }).click();
        await page.getByRole('list', { name: 'How far it is' }).waitFor();
      },
    },
    {
      place: 'an order without an answer',
      where: (open) => `/p/${open.idOf('Red Retrospot Mug')}`,
      act: async (page) => {
        await toCheckout(page);
        await fillIn(page);
        await page.route(/\/v1\/checkout/, (route) => route.abort());
        await page.getByRole('button', { name: 'Order and pay' }).click();
        await page.getByText('Nothing is known yet').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('link', { name: /^Basket/ }).click(); // and what other pages say of it
        await page.getByText('has no answer yet').waitFor();
      },
    },
    {
      place: 'the open popup with a highlighted product',
      where: () => '/',
      act: async (page) => {
        await search('red', options)(page);
        await page.keyboard.press('ArrowDown');
      },
    },
    { place: 'the open popup in the header', where: () => '/c/kitchen', act: search('red', options) },
    {
      place: 'a search without a match',
      where: () => '/',
      act: search('zzzz', (page) => page.getByText('Nothing matches')),
    },
    {
      place: 'a search while the shop is away',
      where: () => '/',
      act: async (page) => {
        await page.route(/suggestions/, (route) => route.abort());
        await search('red', () => page.getByText('The shop does not answer right now.'))(page);
      },
    },
  ];

  // Each place is come to on a small dark screen; then the same page is looked at on a large light one.
  test.each(places)('$place, dark and narrow, then light and wide', async ({ where, act }) => {
    const narrow = { viewport: { width: 360, height: 740 }, colorScheme: 'dark', reducedMotion: 'reduce' } as const;
    const { page } = await shop.visit(where(shop), narrow);
    await act?.(page);
    await page.waitForLoadState('networkidle');
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
