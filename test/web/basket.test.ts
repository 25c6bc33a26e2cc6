import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { openShop, UNITS, type Shop } from './shop';
import { comesToBe, hasFocus, sidewaysScroll } from './waiting';

const MUG = 'Red Retrospot Mug'; // £2.95
const LAMP = 'Retro Red Reading Lamp'; // £34.99

describeInBrowser('the basket', () => {
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

  const address = (name: string): string => `/p/${shop.idOf(name)}`;
  const addButton = (page: Page) => page.getByRole('button', { name: 'Add to basket' });
  const basketLink = (page: Page) => page.getByRole('link', { name: /^Basket/ });
  const add = async (page: Page, name: string): Promise<void> => {
    await page.goto(shop.url + address(name));
    await addButton(page).click();
    await page.getByText(/\d+ of this in your/).waitFor();
  };
  const sum = (page: Page) => page.locator('.basket-sum strong').textContent();
  const quantityOf = (page: Page, name: string) => page.getByRole('textbox', { name: `Quantity of ${name}` });

  test('takes both of two fast clicks, counts them in the header, and survives a reload', async () => {
    const page = await visit(address(MUG));
    await comesToBe(() => basketLink(page).textContent(), 'Basket, empty');
    await addButton(page).dblclick();
    await page.getByText('2 of this in your').waitFor();
    await comesToBe(() => basketLink(page).textContent(), 'Basket, 2 items');
    await page.reload();
    await comesToBe(() => basketLink(page).textContent(), 'Basket, 2 items');
    await basketLink(page).click();
    await hasFocus(page.getByRole('heading', { level: 1, name: 'Your basket' }));
    await comesToBe(() => page.title(), 'Your basket · Easy11');
    await comesToBe(() => sum(page), '£5.90');
  });

  test('follows the stepper at once, the number typed in, and keeps what was chosen', async () => {
    const page = await visit(address(MUG));
    await add(page, MUG);
    await add(page, LAMP);
    await page.goto(`${shop.url}/basket`);
    const more = page.getByRole('button', { name: `One more of ${MUG}` });
    await more.waitFor();
    const shown = await more.evaluate((button: HTMLElement) => {
      for (let click = 0; click < 4; click++) button.click();
      return new Promise((resolve) =>
        requestAnimationFrame(() => resolve(button.parentElement?.querySelector('input')?.value)),
      );
    });
    expect(shown).toBe('5');
    await comesToBe(() => sum(page), '£49.74');
    await quantityOf(page, LAMP).fill('3');
    await quantityOf(page, LAMP).press('Enter');
    await comesToBe(() => sum(page), '£119.72');
    await comesToBe(() => page.locator('.basket-sum').getAttribute('aria-busy'), 'false');
    await page.reload();
    await comesToBe(() => quantityOf(page, MUG).inputValue(), '5');
    await comesToBe(() => quantityOf(page, LAMP).inputValue(), '3');
    for (const nonsense of ['', '0', 'x']) {
      await quantityOf(page, LAMP).fill(nonsense);
      await quantityOf(page, LAMP).press('Enter');
      await comesToBe(() => quantityOf(page, LAMP).inputValue(), '3');
    }
  });

  test('says what is short of stock, offers what there is, and lets nobody on to the checkout before', async () => {
    const page = await visit(address(MUG));
    await add(page, MUG);
    await page.goto(`${shop.url}/basket`);
    await quantityOf(page, MUG).fill(String(UNITS + 5));
    await quantityOf(page, MUG).press('Enter');
    await page.getByText(`Only ${UNITS} can be had right now.`).waitFor();
    await comesToBe(() => page.getByRole('link', { name: 'To the checkout' }).count(), 0);
    await page.getByRole('button', { name: `Take ${UNITS} of ${MUG}` }).click();
    await page.getByRole('link', { name: 'To the checkout' }).waitFor();
    await comesToBe(() => quantityOf(page, MUG).inputValue(), String(UNITS));
  });

  test('moves the focus on when a line is taken out, and says when nothing is left', async () => {
    const page = await visit(address(MUG));
    await add(page, MUG);
    await add(page, LAMP);
    await page.goto(`${shop.url}/basket`);
    await page.getByRole('button', { name: `Remove ${MUG}` }).click();
    await hasFocus(page.locator('main').getByRole('link', { name: LAMP, exact: true }));
    await page.getByText(`${MUG} removed.`).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: `Remove ${LAMP}` }).click();
    await page.getByText('There is nothing in your basket yet.').waitFor();
    await hasFocus(page.getByRole('heading', { level: 1 }));
    await comesToBe(() => basketLink(page).textContent(), 'Basket, empty');
  });

  test('is the same in two windows', async () => {
    const page = await visit(address(MUG));
    await add(page, MUG);
    const other = await page.context().newPage();
    await other.goto(shop.url + address(LAMP));
    await addButton(other).click();
    await other.getByText('1 of this in your').waitFor();
    await page.goto(`${shop.url}/basket`);
    await comesToBe(() => sum(page), '£37.94');
    await comesToBe(() => basketLink(other).textContent(), 'Basket, 2 items');
  });

  test.each([
    ['that wait for each other', true],
    ['that cannot wait for each other', false],
  ])('is one for two windows %s and begin it in the same moment', async (_how, locks) => {
    let made = 0;
    const prepare = async (window: Page): Promise<void> => {
      if (!locks)
        await window.addInitScript(() => {
          Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
        });
      // Making a cart is slow, so that the other window needs one before it is there.
      await window.route(/\/v1\/carts$/, async (route) => {
        made++;
        await new Promise((resolve) => setTimeout(resolve, 300));
        await route.continue();
      });
    };
    const page = await visit(address(MUG), {}, prepare);
    const other = await page.context().newPage();
    await prepare(other);
    await other.goto(shop.url + address(LAMP));
    await addButton(other).waitFor();
    await Promise.all([addButton(page).click(), addButton(other).click()]);
    for (const window of [page, other]) await window.getByText('1 of this in your').waitFor();
    if (locks) expect(made).toBe(1);
    await page.goto(`${shop.url}/basket`);
    await comesToBe(() => sum(page), '£37.94');
    await other.reload();
    await comesToBe(() => basketLink(other).textContent(), 'Basket, 2 items');
  });

  test('keeps a change that could not be saved, says so, and saves it later', async () => {
    const page = await visit(address(MUG));
    await add(page, MUG);
    await page.goto(`${shop.url}/basket`);
    await quantityOf(page, MUG).waitFor();
    await page.route(/\/lines\//, (route) => route.abort());
    await page.getByRole('button', { name: `One more of ${MUG}` }).click();
    await page.getByRole('alert').getByText('Your change is not saved yet').waitFor();
    await comesToBe(() => quantityOf(page, MUG).inputValue(), '2');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Save again' }).click();
    await comesToBe(() => page.getByRole('alert').count(), 0);
    await page.reload();
    await comesToBe(() => quantityOf(page, MUG).inputValue(), '2');
  });

  test('says when the shop is away: at an addition, and at a look', async () => {
    const page = await visit(address(MUG));
    await page.route(/\/v1\/carts/, (route) => route.abort());
    await addButton(page).click();
    await page.getByRole('alert').getByText('It could not be added: the shop does not answer.').waitFor();
    await page.unrouteAll();
    await addButton(page).click();
    await page.getByText('1 of this in your').waitFor();
    await page.route(/\/v1\/carts/, (route) => route.abort());
    await page.goto(`${shop.url}/basket`);
    await page.getByRole('alert').getByText('Your basket could not be loaded.').waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await quantityOf(page, MUG).waitFor();
  });

  test('takes nothing that is out of stock', async () => {
    const page = await visit(address('Red Rose Hand Soap'));
    const button = page.getByRole('button', { name: 'Not to be had right now' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.click({ force: true });
    await comesToBe(() => basketLink(page).textContent(), 'Basket, empty');
  });

  test.each([360, 1440])(
    'is not wider than a screen of %d pixels, with a long list and large numbers',
    async (width) => {
      const page = await visit(address('Stacking Mug Number 30'), { viewport: { width, height: 800 } });
      for (const name of [MUG, LAMP, 'Stacking Mug Number 30']) await add(page, name);
      await page.goto(`${shop.url}/basket`);
      await quantityOf(page, LAMP).fill('1000000');
      await quantityOf(page, LAMP).press('Enter');
      await page.getByText('£34,990,').first().waitFor();
      expect(await sidewaysScroll(page)).toBe(0);
    },
  );
});
