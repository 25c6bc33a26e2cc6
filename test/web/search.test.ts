import type { Page, Route } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { expectedNames, openShop, options, searchBox, suggested, type Shop } from './shop';
import { comesToBe, hasFocus, highlighted, showsProducts } from './waiting';

const isQuestion = (text: string) => (url: URL) =>
  url.pathname === '/v1/suggestions' && url.searchParams.get('q') === text;
const anyQuestion = (url: URL): boolean => url.pathname === '/v1/suggestions';

const address = (page: Page): string => new URL(page.url()).pathname;

/** A route whose answer waits until the test lets it go. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrived: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (arrived = resolve));
  const handler = async (route: Route): Promise<void> => {
    arrived();
    await opened;
    await route.continue();
  };
  return { handler, open, waiting };
}

describeInBrowser('the search box', () => {
  let shop: Shop;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());
  beforeEach(async () => {
    ({ page, complaints } = await shop.visit('/'));
  });
  afterEach(async () => {
    await page?.context().close();
    expect(complaints).toEqual([]);
  });

  test('after every keystroke of "red re" the right products stand under the box, one question each', async () => {
    const asked: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (anyQuestion(url)) asked.push(url.searchParams.get('q') ?? '');
    });
    await searchBox(page).focus();
    for (const [index, letter] of [...'red re'].entries()) {
      await page.keyboard.press(letter === ' ' ? 'Space' : letter);
      const expected = expectedNames('red re'.slice(0, index + 1));
      expect(expected.length).toBeGreaterThan(0);
      await showsProducts(page, expected);
    }
    expect(asked).toEqual(['r', 're', 'red', 'red ', 'red r', 'red re']);
  });

  test('a suggestion shows what matched, its brand and category, its price, its picture and whether it can be had', async () => {
    await searchBox(page).fill('red re');
    const option = options(page).first();
    await option.waitFor();
    expect(await option.locator('mark').allTextContents()).toEqual(['Red', 'Re']);
    expect(await option.textContent()).toContain('Hartwell · Mugs');
    expect(await option.textContent()).toContain('£2.95');
    const width = () => option.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth > 0);
    await comesToBe(width, true);
    const soap = options(page).filter({ hasText: 'Red Rose Hand Soap' });
    expect(await soap.textContent()).toContain('Out of stock');
    expect(await option.textContent()).not.toContain('Out of stock');
  });

  test('arrows, Home and End move through the options while the focus stays in the box', async () => {
    const box = searchBox(page);
    await box.fill('red');
    const names = expectedNames('red');
    await showsProducts(page, names);
    expect(await box.getAttribute('aria-expanded')).toBe('true');
    expect(await highlighted(page)).toBe('');
    for (const [key, expected] of [
      ['ArrowDown', names[0]],
      ['ArrowDown', names[1]],
      ['End', names.at(-1)],
      ['ArrowDown', names[0]],
      ['ArrowUp', names.at(-1)],
      ['Home', names[0]],
    ] as const) {
      await page.keyboard.press(key);
      await comesToBe(() => highlighted(page), expected ?? '');
    }
    await hasFocus(box);
    expect(await page.locator(`#${await box.getAttribute('aria-controls')}`).getAttribute('role')).toBe('listbox');
  });

  test('Enter opens the highlighted product, and its heading takes the focus', async () => {
    await searchBox(page).fill('red');
    await showsProducts(page, expectedNames('red'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const name = expectedNames('red')[1] ?? '';
    await hasFocus(page.getByRole('heading', { level: 1, name }));
    expect(address(page)).toBe(`/p/${shop.idOf(name)}`);
    await comesToBe(() => page.title(), `${name} · Easy11`);
    await showsProducts(page, []);
    await comesToBe(() => searchBox(page).inputValue(), 'red');
  });

  test('Enter without a highlight goes to all results, without waiting for the suggestions', async () => {
    const slow = gate();
    await page.route(isQuestion('blue'), slow.handler);
    await searchBox(page).pressSequentially('blue');
    await page.keyboard.press('Enter');
    await hasFocus(page.getByRole('heading', { level: 1, name: 'Results for “blue”' }));
    await comesToBe(() => Promise.resolve(new URL(page.url()).search), '?q=blue');
    slow.open();
    await page.getByRole('link', { name: /Blue Enamel Mug/ }).waitFor();
    await showsProducts(page, []);
    await comesToBe(() => searchBox(page).inputValue(), 'blue');
  });

  test('a link under the suggestions leads to all results, in the category that was chosen', async () => {
    await page.getByRole('combobox', { name: 'Search in' }).selectOption('Kitchen');
    await searchBox(page).fill('red');
    await showsProducts(page, expectedNames('red', 'kitchen'));
    await page.getByRole('link', { name: 'All results for “red”' }).click();
    await page.getByRole('heading', { level: 1, name: 'Results for “red”' }).waitFor();
    await comesToBe(() => Promise.resolve(new URL(page.url()).search), '?q=red&category=kitchen');
    await showsProducts(page, []);
  });

  test('Escape closes the popup first and clears the box second', async () => {
    const box = searchBox(page);
    await box.fill('red');
    await showsProducts(page, expectedNames('red'));
    await page.keyboard.press('Escape');
    await showsProducts(page, []);
    expect([await box.inputValue(), await box.getAttribute('aria-expanded')]).toEqual(['red', 'false']);
    await page.keyboard.press('Escape');
    await comesToBe(() => box.inputValue(), '');
    await hasFocus(box);
  });

  test('the down arrow brings a closed popup back', async () => {
    await searchBox(page).fill('red');
    await showsProducts(page, expectedNames('red'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await showsProducts(page, expectedNames('red'));
    await comesToBe(() => highlighted(page), expectedNames('red')[0] ?? '');
  });

  test('Tab leaves the list by way of the box’s own controls and the link to all results, and a press elsewhere closes it too', async () => {
    const box = searchBox(page);
    await box.fill('red');
    await showsProducts(page, expectedNames('red'));
    for (let presses = 0; presses < 4; presses++) await page.keyboard.press('Tab');
    await showsProducts(page, []);
    expect(await box.inputValue()).toBe('red');
    await box.click();
    await showsProducts(page, expectedNames('red'));
    await page.getByRole('heading', { level: 1 }).click();
    await showsProducts(page, []);
  });

  test('a screen reader hears how many products there are', async () => {
    await searchBox(page).fill('red');
    const heard = () => page.locator('search [role=status]').textContent();
    await comesToBe(heard, `${expectedNames('red').length} products for red. Use the up and down arrows to choose.`);
    await searchBox(page).fill('zzzz');
    await comesToBe(heard, 'No product matches zzzz.');
  });

  test('the answer to an earlier keystroke that comes late changes nothing, even when aborting fails', async () => {
    await page.context().close();
    ({ page, complaints } = await shop.visit('/', {}, async (fresh) => {
      await fresh.addInitScript(() => {
        AbortController.prototype.abort = () => undefined;
      });
    }));
    const slow = gate();
    await page.route(isQuestion('g'), slow.handler);
    await searchBox(page).pressSequentially('gr');
    await showsProducts(page, expectedNames('gr'));
    await slow.waiting;
    const late = page.waitForResponse((response) => isQuestion('g')(new URL(response.url())));
    slow.open();
    await (await late).finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(expectedNames('g')).not.toEqual(expectedNames('gr'));
    expect(await suggested(page)).toEqual(expectedNames('gr'));
  });

  test('while the next answer is on its way the last one stays', async () => {
    await searchBox(page).pressSequentially('red');
    await showsProducts(page, expectedNames('red'));
    const slow = gate();
    await page.route(isQuestion('red ro'), slow.handler);
    await searchBox(page).fill('red ro');
    await slow.waiting;
    expect(await suggested(page)).toEqual(expectedNames('red'));
    expect(await page.locator('.search-progress').getAttribute('data-loading')).toBe('true');
    slow.open();
    await showsProducts(page, expectedNames('red ro'));
    await comesToBe(() => page.locator('.search-progress').getAttribute('data-loading'), 'false');
  });

  test('when the shop is away the box says so, and trying again brings the products', async () => {
    await page.route(anyQuestion, (route) => route.abort('connectionrefused'));
    await searchBox(page).fill('red');
    await page.getByText('The shop does not answer right now.').waitFor();
    expect(await searchBox(page).getAttribute('aria-expanded')).toBe('false');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await showsProducts(page, expectedNames('red'));
    await hasFocus(searchBox(page));
  });

  test('an error of the shop is an error here too', async () => {
    await page.route(anyQuestion, (route) => route.fulfill({ status: 503, body: '{}' }));
    await searchBox(page).fill('red');
    await page.getByText('The shop does not answer right now.').waitFor();
  });

  test('a product can be found by its brand, which is shown', async () => {
    await searchBox(page).fill('blue hartw');
    await showsProducts(page, ['Blue Enamel Mug']);
    expect(await options(page).first().textContent()).toContain('Hartwell');
  });

  test('a search without a match says so', async () => {
    await searchBox(page).fill('zzzz');
    await page.getByText('Nothing matches “zzzz”.').waitFor();
    expect(await searchBox(page).getAttribute('aria-expanded')).toBe('false');
  });

  test('the category filter narrows the suggestions, and an empty result offers the whole shop', async () => {
    await searchBox(page).fill('red');
    await showsProducts(page, expectedNames('red'));
    const filter = page.getByRole('combobox', { name: 'Search in' });
    await filter.selectOption('Kitchen');
    expect(expectedNames('red', 'kitchen')).not.toEqual(expectedNames('red'));
    await showsProducts(page, expectedNames('red', 'kitchen'));
    await searchBox(page).fill('soap');
    await page.getByText('Nothing in Kitchen matches “soap”.').waitFor();
    await page.getByRole('button', { name: 'Search the whole shop' }).click();
    await showsProducts(page, expectedNames('soap'));
    await comesToBe(() => filter.inputValue(), '');
  });

  test('a click on a suggestion opens it, and the cross clears the box', async () => {
    await searchBox(page).fill('red');
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await comesToBe(() => searchBox(page).inputValue(), '');
    await hasFocus(searchBox(page));
    await searchBox(page).fill('rib');
    await options(page).filter({ hasText: 'Ribbon Candle' }).click();
    await page.waitForURL(`${shop.url}/p/${shop.idOf('Ribbon Candle')}`);
  });

  test('a finger opens a suggestion on a phone', async () => {
    await page.context().close();
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    ({ page, complaints } = await shop.visit('/', phone));
    await searchBox(page).tap();
    await searchBox(page).pressSequentially('rib');
    await options(page).filter({ hasText: 'Ribbon Candle' }).tap();
    await page.waitForURL(`${shop.url}/p/${shop.idOf('Ribbon Candle')}`);
  });
});
