import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { openShop, options, searchBox, STOCK, type Shop, type StockedProduct } from './shop';
import { comesToBe, hasFocus, sidewaysScroll } from './waiting';

const inKitchen = STOCK.filter(({ category }) => category.startsWith('kitchen'));
const namesBy = (products: readonly StockedProduct[], compare: (a: StockedProduct, b: StockedProduct) => number) =>
  [...products].sort(compare).map(({ name }) => name);
const byPopularity = (a: StockedProduct, b: StockedProduct): number => b.popularity - a.popularity;
/** A shop that is too busy to recommend anything: the first thing that it sheds. */
const recommendsNothing = (page: Page): Promise<unknown> =>
  page.route(/\/v1\/recommendations/, (route) => route.fulfill({ status: 503, body: '{}' }));
const onShelf = (page: Page): Promise<string[]> => page.locator('.shelf-name').allTextContents();

describeInBrowser('the pages of the shop', () => {
  let shop: Shop;
  const open: Page[] = [];
  const complaints: string[] = [];
  const visit = async (where: string, ...rest: [Parameters<Shop['visit']>[1]?, Parameters<Shop['visit']>[2]?]) => {
    const visited = await shop.visit(where, ...rest);
    open.push(visited.page);
    visited.page.on('close', () => complaints.push(...visited.complaints));
    return visited.page;
  };
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
    expect(complaints.splice(0)).toEqual([]);
  });

  test('the start page shows the departments and, where nothing can be recommended, the popular products', async () => {
    const page = await visit('/', {}, recommendsNothing);
    await comesToBe(() => page.title(), 'Find it while you type · Easy11');
    await comesToBe(() => onShelf(page), namesBy(STOCK, byPopularity).slice(0, 12));
    const aisles = page.getByRole('region', { name: 'Walk the aisles' }).getByRole('link');
    await comesToBe(
      () => aisles.allTextContents(),
      ['1Bathroom1 product', '2Garden2 products', `3Kitchen${inKitchen.length} products`, '4Lighting2 products'],
    );
  });

  test('a department is browsed page by page, and the focus goes on where the list grew', async () => {
    const page = await visit('/');
    await page
      .getByRole('region', { name: 'Walk the aisles' })
      .getByRole('link', { name: /Kitchen/ })
      .click();
    await hasFocus(page.getByRole('heading', { level: 1, name: 'Kitchen' }));
    expect(new URL(page.url()).pathname).toBe('/c/kitchen');
    await comesToBe(() => page.title(), 'Kitchen · Easy11');
    const expected = namesBy(inKitchen, byPopularity);
    await comesToBe(() => onShelf(page), expected.slice(0, 24));
    await page.getByRole('button', { name: 'Show more' }).click();
    await comesToBe(() => onShelf(page), expected);
    await hasFocus(page.getByRole('link', { name: expected[24] ?? '' }));
    await comesToBe(() => page.getByRole('button', { name: 'Show more' }).count(), 0);
    await comesToBe(() => page.getByText(`All ${expected.length} products shown`).count(), 1);
  });

  test('sorting and hiding what is out of stock are kept in the address', async () => {
    const page = await visit('/c/kitchen/mugs');
    await page.getByLabel('Sort by').selectOption('Price, low to high');
    await page.getByLabel('Only what is in stock').check();
    const expected = namesBy(
      STOCK.filter(({ category, inStock }) => category === 'kitchen/mugs' && inStock),
      (a, b) => a.price.amount - b.price.amount,
    ).slice(0, 24);
    // Two mugs cost the same, so compare only what is certain: the cheap ones and the number of them.
    await comesToBe(async () => (await onShelf(page)).slice(0, 10), expected.slice(0, 10));
    await comesToBe(() => Promise.resolve(new URL(page.url()).search), '?sort=price&inStock=true');
    await page.reload();
    await comesToBe(async () => (await onShelf(page)).slice(0, 10), expected.slice(0, 10));
    await comesToBe(() => page.getByLabel('Only what is in stock').isChecked(), true);
  });

  test('two choices made in one moment are both kept, and the controls show them at once', async () => {
    const page = await visit('/c/kitchen/mugs');
    const box = page.getByLabel('Only what is in stock');
    await box.waitFor();
    const shown = await page.evaluate(() => {
      const [select, checkbox] = [
        document.querySelector<HTMLSelectElement>('.select'),
        document.querySelector<HTMLInputElement>('.checkbox'),
      ];
      if (!select || !checkbox) throw new Error('no controls');
      select.value = 'price';
      select.dispatchEvent(new Event('change', { bubbles: true }));
      checkbox.click();
      return { sort: select.value, inStock: checkbox.checked, search: location.search };
    });
    expect(shown).toEqual({ sort: 'price', inStock: true, search: '?sort=price&inStock=true' });
  });

  test('when the next page does not come, a sentence says so and the button tries again', async () => {
    const page = await visit('/c/kitchen');
    await comesToBe(async () => (await onShelf(page)).length, 24);
    await page.route(/after=/, (route) => route.abort());
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('The next products could not be loaded.').waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await comesToBe(async () => (await onShelf(page)).length, inKitchen.length);
  });

  test('a product page tells all about the product', async () => {
    const page = await visit(`/p/${shop.idOf('Red Retrospot Mug')}`, {}, recommendsNothing);
    await comesToBe(() => page.getByRole('heading', { level: 1 }).textContent(), 'Red Retrospot Mug');
    await comesToBe(() => page.title(), 'Red Retrospot Mug · Easy11');
    const article = page.getByRole('article');
    for (const words of ['Hartwell', '£2.95', 'In stock', 'pleasant to hold', 'RED-RETROSPOT-MUG']) {
      await comesToBe(async () => (await article.textContent())?.includes(words), true);
    }
    const trail = page.getByRole('navigation', { name: 'Where this stands in the shop' }).getByRole('link');
    await comesToBe(() => trail.allTextContents(), ['Start', 'Kitchen', 'Mugs']);
    const picture = page.locator('.product-picture img');
    await comesToBe(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0), true);
    await comesToBe(
      () => onShelf(page),
      namesBy(
        STOCK.filter(({ category, name }) => category === 'kitchen/mugs' && name !== 'Red Retrospot Mug'),
        byPopularity,
      ).slice(0, 6),
    );
  });

  test('a product that is sold out says so', async () => {
    const page = await visit(`/p/${shop.idOf('Red Rose Hand Soap')}`);
    await comesToBe(() => page.locator('.stock').textContent(), 'Out of stock');
  });

  test('dead ends say what is missing and lead out', async () => {
    for (const [where, title] of [
      ['/p/prd_00000000-0000-7000-8000-000000000000', 'No such product'],
      ['/p/nonsense', 'No such product'],
      ['/c/no/such', 'No such aisle'],
      ['/no-such-page', 'Nothing here'],
    ] as const) {
      const page = await visit(where);
      await comesToBe(() => page.getByRole('heading', { level: 1 }).textContent(), title);
      await comesToBe(() => page.title(), `${title} · Easy11`);
      await page.getByRole('link', { name: 'To the start page' }).click();
      await hasFocus(page.getByRole('heading', { level: 1, name: 'Find it while you type' }));
    }
  });

  test('when the shop is away the pages say so, and trying again brings them', async () => {
    const isApi = (url: URL): boolean => url.pathname.startsWith('/v1/');
    for (const [where, heading] of [
      [`/p/${shop.idOf('Red Retrospot Mug')}`, 'Red Retrospot Mug'],
      ['/c/kitchen', 'Kitchen'],
    ] as const) {
      const page = await visit(where, {}, (fresh) => fresh.route(isApi, (route) => route.abort()));
      await page.getByRole('alert').getByText('could not be loaded').waitFor();
      await page.unrouteAll();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    }
  });

  test('going back restores the page and where it stood', async () => {
    const page = await visit('/');
    await comesToBe(async () => (await onShelf(page)).length, 12);
    await page.locator('.shelf-product').last().scrollIntoViewIfNeeded();
    const depth = await page.evaluate(() => window.scrollY);
    await page.locator('.shelf-product').last().click();
    await page.getByRole('article').waitFor();
    await comesToBe(() => page.evaluate(() => window.scrollY), 0);
    await page.goBack();
    await comesToBe(() => page.evaluate(() => window.scrollY), depth);
    expect(depth).toBeGreaterThan(0);
  });

  test('the first Tab offers to skip to the content', async () => {
    const page = await visit('/c/kitchen');
    await page.keyboard.press('Tab');
    await hasFocus(page.getByRole('link', { name: 'Skip to the content' }));
    await page.keyboard.press('Enter');
    await hasFocus(page.locator('main'));
  });

  test.each([360, 1440])('nothing is wider than a screen of %d pixels', async (width) => {
    const sizes = { viewport: { width, height: 800 } };
    for (const where of ['/', '/c/kitchen', `/p/${shop.idOf('Stacking Mug Number 30')}`, '/no-such-page']) {
      const page = await visit(where, sizes);
      await page.waitForLoadState('networkidle');
      expect([where, await sidewaysScroll(page)]).toEqual([where, 0]);
      await searchBox(page).fill('stack');
      await options(page).first().waitFor();
      expect([`${where} with its popup`, await sidewaysScroll(page)]).toEqual([`${where} with its popup`, 0]);
      const box = await page.locator('.popup').boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= width).toBe(true);
    }
  });
});
