import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { eventually } from '../support/app';
import { describeInBrowser } from '../support/browser';
import { violations } from './axe';
import { openShop, STOCK, type Shop } from './shop';
import { comesToBe, sidewaysScroll } from './waiting';

const MUG = 'Red Retrospot Mug';
/** Without a window Chromium says that it is a program, and programs are not counted. */
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const isQuestion = (url: URL): boolean => url.pathname === '/v1/recommendations';

describeInBrowser('recommendations in the storefront', () => {
  let shop: Shop;
  const open: Page[] = [];
  const visit = async (where: string, more: BrowserContextOptions = {}, prepare?: Parameters<Shop['visit']>[2]) => {
    const { page, complaints } = await shop.visit(where, more, prepare);
    open.push(page);
    page.on('close', () => expect(complaints).toEqual([]));
    page.setDefaultTimeout(30_000);
    return page;
  };
  beforeAll(async () => {
    shop = await openShop({}, USER_AGENT);
    // What is alike is reckoned beside the answers: from then on every answer has it.
    await eventually(30_000, async () => (await reasonsBeside(MUG)).includes('similar'));
  });
  afterAll(() => shop?.close());
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
  });

  const address = (name: string): string => `/p/${shop.idOf(name)}`;
  const shelf = (page: Page, name: string) => page.getByRole('region', { name });
  const cards = (page: Page, name: string) => shelf(page, name).getByRole('link');
  const accept = (page: Page) => page.getByRole('button', { name: 'Accept' });
  async function reasonsBeside(name: string): Promise<string[]> {
    const { body } = await shop.app.get(`/v1/recommendations?slot=product&product=${shop.idOf(name)}`);
    return (body as { items: { reason: { code: string } }[] }).items.map(({ reason }) => reason.code);
  }
  /** The clicks that are stored, as far as they tell of a place. */
  const clicks = async (): Promise<Record<string, unknown>[]> => {
    const { pool } = shop.app.database.database;
    const text = `select slot, position, product_id from tracking_events where type = 'click' order by id`;
    return (await pool.query<Record<string, unknown>>(text)).rows;
  };
  const addMug = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByText('of this in your').waitFor();
  };

  test('are what is popular now for somebody unknown, each with its reason and able to be had', async () => {
    const page = await visit('/');
    await comesToBe(() => cards(page, 'Popular now').count(), 12);
    expect(await shelf(page, 'What others carry home').count()).toBe(0);
    const names = await shelf(page, 'Popular now').locator('.shelf-name').allTextContents();
    const had = new Map(STOCK.map(({ name, inStock }) => [name, inStock]));
    expect(names.filter((name) => had.get(name) !== true)).toEqual([]);
    for (const words of await shelf(page, 'Popular now').locator('.shelf-reason').allTextContents())
      expect(words).toMatch(/^(Popular|New|Wanted of late)$/);
    expect(await shelf(page, 'Popular now').locator('.shelf-reason').count()).toBe(12);
  });

  test('are for whoever has agreed and looked at something, and their clicks say where', async () => {
    const page = await visit(address(MUG));
    await accept(page).click();
    await page.reload();
    const visitor = await page.evaluate(() => JSON.parse(localStorage.getItem('easy11.visitor') ?? '""') as string);
    // The shop has heard of the visit, and another page asks it anew.
    await eventually(30_000, async () => {
      const { body } = await shop.app.get(`/v1/recommendations?visitor=${visitor}`);
      return JSON.stringify(body).includes(MUG);
    });
    await page.goto(shop.url);
    await cards(page, 'For you').first().waitFor();
    expect(await shelf(page, 'For you').getByText(`Because you viewed ${MUG}`).count()).toBeGreaterThan(0);
    await cards(page, 'What others carry home').first().waitFor();
    await cards(page, 'For you').nth(2).click();
    await page.getByRole('article').waitFor();
    const chosen = new URL(page.url()).pathname.slice('/p/prd_'.length);
    await eventually(30_000, async () => (await clicks()).length === 1);
    expect(await clicks()).toEqual([{ slot: 'recs-home', position: 2, product_id: chosen }]);
  });

  test('are what is similar on the page of a product', async () => {
    const page = await visit(address(MUG));
    await cards(page, 'Similar').first().waitFor();
    const reasons = await shelf(page, 'Similar').locator('.shelf-reason').allTextContents();
    expect(reasons).toHaveLength(await cards(page, 'Similar').count());
    expect(new Set(reasons)).toEqual(new Set([`Similar to ${MUG}`]));
    expect(await shelf(page, 'Similar').locator('.shelf-name').allTextContents()).not.toContain(MUG);
    expect(await shelf(page, 'On the same shelf: Mugs').count()).toBe(0);
  });

  test('are anything else, with its reason, on the page of a product that nothing is like', async () => {
    const page = await visit(address(MUG), {}, (fresh) =>
      fresh.route(isQuestion, async (route: Route) => {
        const answer = await route.fetch();
        const { items, ...rest } = (await answer.json()) as { items: { reason: { code: string } }[] };
        const unlike = items.filter(({ reason }) => !['similar', 'bought-together'].includes(reason.code));
        await route.fulfill({ response: answer, json: { ...rest, items: unlike } });
      }),
    );
    await cards(page, 'You may also like').first().waitFor();
    const count = await cards(page, 'You may also like').count();
    expect(await shelf(page, 'You may also like').locator('.shelf-reason').count()).toBe(count);
    expect([await shelf(page, 'Similar').count(), await shelf(page, 'On the same shelf: Mugs').count()]).toEqual([
      0, 0,
    ]);
  });

  test('are what else may be needed below the basket, without what is in it', async () => {
    const page = await visit('/basket');
    await page.getByText('There is nothing in your basket yet.').waitFor();
    expect(await shelf(page, 'You may also need').count()).toBe(0);
    await page.goto(shop.url + address(MUG));
    await addMug(page);
    await page.getByRole('link', { name: /^Basket/ }).click();
    await comesToBe(() => cards(page, 'You may also need').count(), 6);
    expect(await shelf(page, 'You may also need').locator('.shelf-name').allTextContents()).not.toContain(MUG);
  });

  test('leave places while they are on their way, and no trace when they do not come', async () => {
    let end: (how: 'come' | 'fail') => void = () => undefined;
    const ended = new Promise<'come' | 'fail'>((resolve) => (end = resolve));
    const page = await visit(address(MUG), {}, (fresh) =>
      fresh.route(isQuestion, async (route: Route) => ((await ended) === 'fail' ? route.abort() : route.continue())),
    );
    await shelf(page, 'Similar').locator('.waiting').first().waitFor();
    expect(await shelf(page, 'Similar').getAttribute('aria-busy')).toBe('true');
    await addMug(page); // meanwhile everything else works
    end('fail');
    await cards(page, 'On the same shelf: Mugs').first().waitFor();
    expect([await shelf(page, 'Similar').count(), await page.getByRole('alert').count()]).toEqual([0, 0]);
    await page.getByRole('link', { name: /^Basket/ }).click();
    await page.getByRole('link', { name: 'To the checkout' }).waitFor();
    await comesToBe(() => shelf(page, 'You may also need').count(), 0);
    await page.getByRole('link', { name: 'Easy11, start page' }).click();
    await comesToBe(() => cards(page, 'What others carry home').count(), 12);
  });

  test('are compared with what is popular by an experiment, which hears who saw what', async () => {
    const admin = async (method: string, where: string, body: unknown): Promise<void> => {
      const answer = await fetch(`${shop.url}/v1/admin/experiments${where}`, {
        method,
        headers: {
          Authorization: `Bearer ${shop.app.adminToken}`,
          'Content-Type': 'application/json',
          'If-Match': '*',
        },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(await answer.text());
    };
    const variants = [
      { key: 'popular', weight: 1_000_000 }, // all but one visitor in a million
      { key: 'recommended', weight: 1 },
    ];
    await admin('POST', '', { key: 'home-shelf', name: 'Shelves', metric: 'click', variants });
    await admin('PATCH', '/home-shelf', { state: 'running' });
    const page = await visit('/no-such-page');
    await accept(page).click();
    await page.goto(shop.url);
    await comesToBe(() => cards(page, 'What others carry home').count(), 12);
    expect([await shelf(page, 'Popular now').count(), await shelf(page, 'For you').count()]).toEqual([0, 0]);
    const { pool } = shop.app.database.database;
    const exposures = async () =>
      (await pool.query(`select experiment, variant from tracking_events where type = 'exposure'`)).rows;
    await eventually(30_000, async () => (await exposures()).length > 0);
    expect(await exposures()).toEqual([{ experiment: 'home-shelf', variant: 'popular' }]);
    await admin('PATCH', '/home-shelf', { state: 'stopped' });
  });

  test.each([360, 1440])('are clean to axe and no wider than a screen of %d pixels', async (width) => {
    const colorScheme = width === 360 ? 'dark' : 'light';
    const page = await visit(address(MUG), { viewport: { width, height: 800 }, colorScheme });
    for (const [where, name] of [
      [address(MUG), 'Similar'],
      ['/basket', 'You may also need'],
      ['/', 'Popular now'],
    ] as const) {
      if (where === '/basket') await addMug(page);
      if (where !== address(MUG)) await page.goto(shop.url + where);
      await cards(page, name).first().waitFor();
      expect([where, await sidewaysScroll(page)]).toEqual([where, 0]);
      expect(await violations(page)).toEqual([]);
    }
  });
});
