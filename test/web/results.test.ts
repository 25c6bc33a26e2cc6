import type { Page } from 'playwright-core';
import { formatPrice } from '../../web/src/lib/price';
import { describeInBrowser } from '../support/browser';
import { openShop, searchBox, STOCK, type Shop, type StockedProduct } from './shop';
import { comesToBe, hasFocus, sidewaysScroll } from './waiting';

const matching = (word: string): StockedProduct[] =>
  STOCK.filter(({ name }) =>
    name
      .toLowerCase()
      .split(' ')
      .some((one) => one.startsWith(word)),
  );
const namesOf = (products: readonly StockedProduct[]): string[] => products.map(({ name }) => name);
const onShelf = (page: Page): Promise<string[]> => page.locator('.shelf-name').allTextContents();
const query = (page: Page): string => new URL(page.url()).search;
const thumb = (page: Page, name: string) => page.getByRole('slider', { name });

/** Waits until the address has the price at which the thumb stands: not that of a moment before. */
const atRest = (page: Page, name: string, parameter: string): Promise<void> =>
  comesToBe(async () => {
    const amount = new URL(page.url()).searchParams.get(parameter);
    const shown = await thumb(page, name).getAttribute('aria-valuetext');
    return amount !== null && shown === formatPrice({ amount: Number(amount), currency: 'GBP' });
  }, true);

describeInBrowser('the page of results', () => {
  let shop: Shop;
  const open: Page[] = [];
  const complaints: string[] = [];
  const visit = async (where: string, options: Parameters<Shop['visit']>[1] = {}) => {
    const visited = await shop.visit(where, options);
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

  test('shows all that matches, page by page, and the focus goes on where the list grew', async () => {
    const page = await visit('/search?q=mug');
    const whole = matching('mug').sort((a, b) => b.popularity - a.popularity);
    expect(whole.length).toBeGreaterThan(24);
    await comesToBe(() => onShelf(page), namesOf(whole).slice(0, 24));
    await comesToBe(() => page.title(), 'Results for “mug” · Easy11');
    await comesToBe(() => searchBox(page).inputValue(), 'mug');
    await page.getByText(`24 of ${whole.length} products`).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await comesToBe(() => onShelf(page), namesOf(whole));
    await hasFocus(page.getByRole('link', { name: namesOf(whole)[24] ?? '' }));
  });

  test('keeps every choice in the address, and a reload brings them all back', async () => {
    const page = await visit('/search?q=mug');
    await page.getByLabel('Sort by').selectOption('Price, high to low');
    await page.getByLabel('In stock only').check();
    await page.getByLabel('Hartwell').check();
    await page.getByRole('button', { name: /^Kitchen/ }).click();
    await page.getByRole('button', { name: /^Mugs/ }).click();
    const address = '?q=mug&category=kitchen%2Fmugs&brand=Hartwell&inStock=true&sort=-price';
    await comesToBe(() => Promise.resolve(query(page)), address);
    const expected = matching('mug')
      .filter(({ inStock }) => inStock)
      .sort((a, b) => b.price.amount - a.price.amount);
    await comesToBe(() => onShelf(page), namesOf(expected));
    await page.reload();
    await comesToBe(() => onShelf(page), namesOf(expected));
    await comesToBe(() => page.getByLabel('In stock only').isChecked(), true);
    await comesToBe(() => page.getByLabel('Hartwell').isChecked(), true);
    await page.getByRole('button', { name: 'Without the filter Mugs' }).click();
    await comesToBe(() => Promise.resolve(query(page)), '?q=mug&brand=Hartwell&inStock=true&sort=-price');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await comesToBe(() => Promise.resolve(query(page)), '?q=mug&sort=-price');
  });

  test('two choices made in one moment are both kept', async () => {
    const page = await visit('/search?q=mug');
    await page.getByLabel('Hartwell').waitFor();
    const shown = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll<HTMLInputElement>('.facets .checkbox')];
      for (const box of boxes) box.click();
      return { checked: boxes.map(({ checked }) => checked), search: location.search };
    });
    expect(shown).toEqual({ checked: [true, true], search: '?q=mug&brand=Hartwell&inStock=true' });
  });

  test('a box that is ticked while a thumb of the price comes to rest is kept, and so is the price', async () => {
    const page = await visit('/search?q=mug');
    await page.getByLabel('In stock only').waitFor();
    // In one go: a thumb comes to rest after a while, and a busy machine takes longer than that between two presses.
    const ticked = await page.evaluate(() => {
      const lowest = document.querySelector<HTMLInputElement>('input[type=range]');
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
      if (!lowest || !set) throw new Error('no slider');
      // React looks for changes that were not its own.
      set.call(lowest, String(Number(lowest.value) + 2));
      lowest.dispatchEvent(new Event('input', { bubbles: true }));
      for (const box of document.querySelectorAll<HTMLInputElement>('.facets .checkbox')) box.click();
      return location.search;
    });
    expect(ticked).toBe('?q=mug&brand=Hartwell&inStock=true'); // the thumb has not come to rest
    await page.waitForURL(/price\.gte=\d+/);
    expect(query(page)).toMatch(/^\?q=mug&brand=Hartwell&price\.gte=\d+&inStock=true$/);
  });

  test('the results of other words never stand under a new heading', async () => {
    const page = await visit('/search?q=mug');
    await comesToBe(async () => (await onShelf(page)).length, 24);
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    await page.route(/\/v1\/search\?q=candle/, async (route) => {
      await asked;
      await route.continue();
    });
    await searchBox(page).fill('candle');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Results for “candle”' }).waitFor();
    expect(await onShelf(page)).toEqual([]);
    await comesToBe(() => page.getByText(/of \d+ products/).count(), 0);
    answer();
    await comesToBe(() => onShelf(page), ['Ribbon Candle']);
  });

  test('says beside each value how many products it would leave', async () => {
    const page = await visit('/search?q=red');
    const red = matching('red');
    const within = red.filter(({ category }) => category.startsWith('kitchen')).length;
    await page.getByRole('button', { name: `Kitchen ${within}` }).waitFor();
    const available = red.filter(({ inStock }) => inStock).length;
    expect(available).toBeLessThan(red.length);
    await page.getByLabel(`In stock only ${available}`).check();
    await comesToBe(async () => (await onShelf(page)).length, available);
    // Its own choice does not change its count.
    await comesToBe(() => page.getByLabel(`In stock only ${available}`).count(), 1);
  });

  test('the price is narrowed with the keyboard: the thumbs stop at each other, and say prices', async () => {
    const page = await visit('/search?q=red');
    await thumb(page, 'Lowest price').focus();
    expect(await thumb(page, 'Lowest price').getAttribute('aria-valuetext')).toContain('no lower limit');
    for (let steps = 0; steps < 3; steps++) await page.keyboard.press('ArrowRight');
    await atRest(page, 'Lowest price', 'price.gte');
    const least = Number(new URL(page.url()).searchParams.get('price.gte'));
    const dearer = matching('red').filter(({ price }) => price.amount >= least);
    expect([dearer.length > 0, dearer.length < matching('red').length]).toEqual([true, true]);
    await comesToBe(() => onShelf(page), namesOf(dearer.sort((a, b) => b.popularity - a.popularity)));
    await hasFocus(thumb(page, 'Lowest price'));
    expect(await thumb(page, 'Lowest price').getAttribute('aria-valuetext')).toMatch(/^£\d+\.\d\d$/);
    await page.keyboard.press('End');
    const values = async () => [
      Number(await thumb(page, 'Lowest price').inputValue()),
      Number(await thumb(page, 'Highest price').inputValue()),
    ];
    await comesToBe(async () => (await values())[0], ((await values())[1] ?? 0) - 1);
    await page.keyboard.press('Home');
    await comesToBe(() => Promise.resolve(query(page)), '?q=red');
  });

  test('the price is narrowed with a pointer: both thumbs can be reached', async () => {
    const page = await visit('/search?q=red');
    const drag = async (name: string, share: number): Promise<void> => {
      const box = await thumb(page, name).boundingBox();
      if (!box) throw new Error('no slider');
      const y = box.y + box.height / 2;
      await page.mouse.move(name === 'Lowest price' ? box.x + 12 : box.x + box.width - 12, y);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * share, y, { steps: 5 });
      await page.mouse.up();
    };
    await thumb(page, 'Lowest price').waitFor();
    await comesToBe(async () => (await onShelf(page)).length, matching('red').length);
    await drag('Highest price', 0.7);
    await atRest(page, 'Highest price', 'price.lte');
    await drag('Lowest price', 0.3);
    await atRest(page, 'Lowest price', 'price.gte');
    const { searchParams } = new URL(page.url());
    const [least, most] = [Number(searchParams.get('price.gte')), Number(searchParams.get('price.lte'))];
    const between = matching('red').filter(({ price }) => price.amount >= least && price.amount <= most);
    await comesToBe(async () => (await onShelf(page)).sort(), namesOf(between).sort());
  });

  test('a misspelt word finds what was meant, and says how it is spelt', async () => {
    const page = await visit('/search?q=retrospto');
    await comesToBe(() => onShelf(page), ['Red Retrospot Mug']);
    await page.getByText('Did you mean').waitFor();
    await page.getByRole('link', { name: 'retrospot', exact: true }).click();
    await hasFocus(page.getByRole('heading', { level: 1, name: 'Results for “retrospot”' }));
    await comesToBe(() => searchBox(page).inputValue(), 'retrospot');
    await comesToBe(() => page.getByText('Did you mean').count(), 0);
  });

  test('nothing found offers fewer words, or to take the filters off', async () => {
    const page = await visit('/search?q=basket+candle');
    await page.getByText('Nothing matches “basket candle”.').waitFor();
    await page.getByRole('link', { name: 'candle', exact: true }).click();
    await comesToBe(() => onShelf(page), ['Ribbon Candle']);
    await page.goto(`${shop.url}/search?q=candle&price.gte=900000`);
    await page.getByRole('button', { name: 'Take the filters off' }).click();
    await comesToBe(() => onShelf(page), ['Ribbon Candle']);
    await page.goto(`${shop.url}/search?q=qqqqqq`);
    await page.getByRole('link', { name: 'See all products' }).click();
    await page.getByRole('heading', { level: 1, name: 'All products' }).waitFor();
    await page.getByText(`24 of ${STOCK.length} products`).waitFor();
  });

  test('an address that makes no sense shows what it can', async () => {
    const page = await visit('/search?q=red&sort=best&price.gte=9000&price.lte=5&inStock=maybe');
    await page.getByText('Nothing matches').or(page.locator('.shelf-name').first()).waitFor();
    await comesToBe(() => page.getByLabel('Lowest price').count(), 1);
  });

  test('when the shop is away the page says so and tries again', async () => {
    const page = await visit('/');
    await page.route(/\/v1\/search/, (route) => route.abort());
    await searchBox(page).fill('red');
    await page.keyboard.press('Enter');
    await page.getByText('The results could not be loaded.').waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await comesToBe(async () => (await onShelf(page)).length, matching('red').length);
  });

  test('going back from a product restores the choices', async () => {
    const page = await visit('/search?q=mug');
    await page.getByLabel('In stock only').check();
    await page.locator('.shelf-product').first().click();
    await page.getByRole('article').waitFor();
    await page.goBack();
    await page.getByLabel('In stock only').waitFor();
    await comesToBe(() => page.getByLabel('In stock only').isChecked(), true);
  });

  test.each([360, 1440])('nothing is wider than a screen of %d pixels', async (width) => {
    const page = await visit('/search?q=mug&inStock=true&price.gte=100&brand=Hartwell', {
      viewport: { width, height: 800 },
    });
    await page.locator('.shelf-name').first().waitFor();
    if (width === 360) {
      expect(await page.getByLabel('In stock only').isVisible()).toBe(false);
      await page.getByRole('button', { name: 'Filters' }).click();
    }
    await page.getByLabel('In stock only').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
  });
});
