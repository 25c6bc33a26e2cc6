import type { BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../support/app';
import { describeInBrowser } from '../support/browser';
import { openShop, options, searchBox, type Shop } from './shop';
import { comesToBe, hasFocus, sidewaysScroll } from './waiting';

const MUG = 'Red Retrospot Mug';
const LAMP = 'Retro Red Reading Lamp';
/** Without a window Chromium says that it is a program, and programs are not counted. */
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describeInBrowser('what the storefront tells the shop', () => {
  let shop: Shop;
  const open: Page[] = [];
  const visit = async (where: string, more: BrowserContextOptions = {}, prepare?: Parameters<Shop['visit']>[2]) => {
    const { page, complaints } = await shop.visit(where, more, prepare);
    open.push(page);
    page.on('close', () => expect(complaints).toEqual([]));
    page.setDefaultTimeout(30_000); // a real payment takes its time on a busy machine
    return page;
  };
  beforeAll(async () => {
    shop = await openShop({ EASY11_PAYMENTS: 'sandbox' }, USER_AGENT);
  });
  afterAll(() => shop?.close());
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
    await shop.app.database.database.pool.query('delete from tracking_events');
  });

  const question = (page: Page) => page.getByRole('region', { name: 'May the shop remember what you look at?' });
  const accept = (page: Page) => page.getByRole('button', { name: 'Accept' });
  const refuse = (page: Page) => page.getByRole('button', { name: 'Refuse' });
  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  const address = (name: string): string => `/p/${shop.idOf(name)}`;
  /** What this browser keeps of a visitor and of what was done. */
  const keptOf = (page: Page): Promise<string[]> =>
    page.evaluate(() =>
      Object.keys(localStorage)
        .filter((key) => /visitor|event/.test(key))
        .sort(),
    );
  const stored = async (): Promise<Record<string, unknown>[]> =>
    (await shop.app.database.database.pool.query('select * from tracking_events order by id')).rows;
  /** Waits until so many events are stored, and reads them. */
  const arrived = async (count: number): Promise<Record<string, unknown>[]> => {
    await eventually(30_000, async () => (await stored()).length >= count);
    return stored();
  };
  const idOf = (name: string): string => shop.idOf(name).slice(4);

  test('is nothing before the shopper has answered, nor after a refusal, which can be changed in the footer', async () => {
    const page = await visit(address(MUG));
    await question(page).waitFor();
    const look = async (): Promise<void> => {
      await searchBox(page).fill('');
      await searchBox(page).fill('red');
      await options(page).first().click();
      await title(page, MUG).waitFor();
      await page.getByRole('button', { name: 'Add to basket' }).click();
      await page.getByText('of this in your').waitFor();
    };
    await look();
    expect(await keptOf(page)).toEqual([]);
    await refuse(page).click();
    await hasFocus(page.locator('main'));
    await comesToBe(() => question(page).count(), 0);
    await look();
    await page.reload();
    await title(page, MUG).waitFor();
    expect([await question(page).count(), await keptOf(page), await stored()]).toEqual([0, [], []]);

    await page.getByRole('button', { name: 'What the shop remembers' }).click();
    await hasFocus(page.locator('#consent-question'));
    expect(await question(page).textContent()).toContain('So far: refused.');
    await accept(page).click();
    await page.reload();
    const [view] = await arrived(1);
    expect(view).toMatchObject({ type: 'view', product_id: idOf(MUG) });

    await page.getByRole('button', { name: 'What the shop remembers' }).click();
    await refuse(page).click();
    expect(await keptOf(page)).toEqual([]);
  });

  test('is what was searched, chosen, looked at, put into the basket and bought, each once', async () => {
    const page = await visit('/');
    await accept(page).click();
    await searchBox(page).fill('red m');
    await options(page).filter({ hasText: MUG }).click();
    await title(page, MUG).waitFor();
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByText('1 of this in your').waitFor();
    await searchBox(page).fill('lamp');
    await page.keyboard.press('Enter');
    await title(page, 'Results for “lamp”').waitFor();
    await page.getByRole('main').getByRole('link', { name: LAMP }).click();
    await title(page, LAMP).waitFor();
    await page.goBack();
    await title(page, 'Results for “lamp”').waitFor();
    await page.getByRole('link', { name: /^Basket/ }).click();
    await page.getByRole('link', { name: 'To the checkout' }).click();
    for (const [label, text] of [
      ['E-mail', 'ada@example.com'],
      ['Name', 'Ada Lovelace'],
      ['Street and number', '12 St James Square'],
      ['Town or city', 'London'],
      ['Postcode', 'SW1Y 4JH'],
    ] as const)
      await page.getByLabel(label).fill(text);
    await page.getByLabel('Country').selectOption({ label: 'United Kingdom' });
    await page.getByLabel('Card').waitFor();
    await page.locator('dd.sum-total').waitFor();
    await page.getByRole('button', { name: 'Order and pay' }).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    const order = new URL(page.url()).pathname.slice('/orders/ord_'.length);
    await page.reload();
    await title(page, 'Thank you, it is ordered').waitFor();

    const events = await arrived(7);
    await comesToBe(() => keptOf(page), ['easy11.visitor']); // and nothing waits any more
    expect(new Set(events.map(({ visitor_id }) => visitor_id)).size).toBe(1);
    const expected = [
      { type: 'click', product_id: idOf(MUG), slot: 'suggestions', position: 0, query: 'red m' },
      { type: 'view', product_id: idOf(MUG), slot: 'suggestions' },
      { type: 'add_to_cart', product_id: idOf(MUG), slot: 'suggestions', quantity: 1 },
      { type: 'search', query: 'lamp', results: 1 },
      { type: 'click', product_id: idOf(LAMP), slot: 'search', position: 0, query: 'lamp' },
      { type: 'view', product_id: idOf(LAMP), slot: 'search' },
    ];
    expect(events).toHaveLength(expected.length + 1);
    // The purchase has the time of its order, not of the page that shows it; a click and the view after it may be in one millisecond.
    for (const event of expected) expect(events).toContainEqual(expect.objectContaining(event));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'purchase', product_id: idOf(MUG), order_id: order, quantity: 1 }),
    );
  });

  test('arrives though the page is left at once', async () => {
    const page = await visit(address(MUG));
    await accept(page).click();
    await page.getByRole('main').locator('.shelf-product').first().click();
    await comesToBe(async () => (await keptOf(page)).length, 3); // a click, a view, the visitor
    await page.goto('about:blank');
    expect((await arrived(2)).map(({ type }) => type).sort()).toEqual(['click', 'view']);
  });

  test('waits through an outage and a reload, and counts once', async () => {
    const page = await visit(address(MUG));
    const isTracking = (url: URL): boolean => url.pathname === '/v1/events:batch';
    await accept(page).click();
    await page.route(isTracking, (route) => route.abort());
    await page.reload();
    await title(page, MUG).waitFor();
    await comesToBe(async () => (await keptOf(page)).length, 2);
    const [waiting] = await keptOf(page);
    await page.unrouteAll();
    await page.goto(`${shop.url}/no-such-page`);
    const [view] = await arrived(1);
    expect(`easy11.event.evt_${String(view?.id)}`).toBe(waiting);
    await eventually(30_000, async () => (await keptOf(page)).length === 1);
    expect(await stored()).toHaveLength(1);
  });

  test.each(['globalPrivacyControl', 'doNotTrack'])('is nothing where the browser says %s', async (signal) => {
    const page = await visit(address(MUG), {}, (fresh) =>
      fresh.addInitScript(
        ([name, value]) => Object.defineProperty(navigator, name as string, { value }),
        [signal, signal === 'doNotTrack' ? '1' : true],
      ),
    );
    expect([await question(page).count(), await keptOf(page)]).toEqual([0, []]);
    await page.getByRole('button', { name: 'What the shop remembers' }).click();
    expect(await question(page).textContent()).toContain('So far: refused.');
  });

  test('is asked for above the page, by keyboard too, with both answers alike', async () => {
    const page = await visit(address(MUG), { viewport: { width: 360, height: 740 } });
    const [yes, no] = [await accept(page).boundingBox(), await refuse(page).boundingBox()];
    expect([yes?.width, yes?.height, yes?.y]).toEqual([no?.width, no?.height, no?.y]);
    const style = (button: Element): string => {
      const { color, backgroundColor, font, border } = getComputedStyle(button);
      return [color, backgroundColor, font, border].join();
    };
    expect(await accept(page).evaluate(style)).toBe(await refuse(page).evaluate(style));
    const [asked, header] = [await question(page).boundingBox(), await page.getByRole('banner').boundingBox()];
    if (!asked || !header) throw new Error('the question and the header must both be there');
    expect([asked.y, asked.y + asked.height]).toEqual([0, header.y]);
    expect(await sidewaysScroll(page)).toBe(0);
    for (const name of ['Skip to the content', 'Accept', 'Refuse']) {
      await page.keyboard.press('Tab');
      await hasFocus(page.getByRole(name === 'Skip to the content' ? 'link' : 'button', { name }));
    }
    await page.keyboard.press('Enter');
    await comesToBe(() => question(page).count(), 0);
    expect(await page.getByText('The shop does not remember what you look at.').count()).toBe(1);
  });
});
