import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { openShop, type Shop } from './shop';
import { comesToBe, hasFocus, sidewaysScroll } from './waiting';

const MUG = 'Red Retrospot Mug'; // £2.95

describeInBrowser('the checkout', () => {
  let shop: Shop;
  const open: Page[] = [];
  const complaints: string[] = [];
  const visit = async (where: string, ...rest: [Parameters<Shop['visit']>[1]?, Parameters<Shop['visit']>[2]?]) => {
    const visited = await shop.visit(where, ...rest);
    open.push(visited.page);
    visited.page.on('close', () => complaints.push(...visited.complaints));
    visited.page.setDefaultTimeout(60_000); // a real payment takes its time on a busy machine
    return visited.page;
  };
  beforeAll(async () => {
    shop = await openShop({ EASY11_PAYMENTS: 'sandbox' });
  });
  afterAll(() => shop?.close());
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
    expect(complaints.splice(0)).toEqual([]);
  });

  const total = (page: Page) => page.locator('dd.sum-total').textContent();
  const order = (page: Page) => page.getByRole('button', { name: 'Order and pay' });
  const askAgain = (page: Page) => page.getByRole('button', { name: 'Ask again' });
  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  const basketLink = (page: Page) => page.getByRole('link', { name: /^Basket/ });
  let customers = 0;
  /** Everybody is somebody else: who orders often within an hour is looked at by a person first. */
  const fill = async (page: Page, country = 'United Kingdom', state?: string): Promise<void> => {
    const customer = ++customers;
    await page.getByLabel('E-mail').fill(`ada${customer}@example.com`);
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('Street and number').fill(`${customer} St James Square`);
    await page.getByLabel('Town or city').fill('London');
    await page.getByLabel('Postcode').fill('SW1Y 4JH');
    await page.getByLabel('Country').selectOption({ label: country });
    if (state) await page.getByLabel('State').selectOption({ label: state });
    await page.getByLabel('Card').waitFor();
    await page.locator('dd.sum-total').waitFor();
  };
  /** With a mug in the basket, at the checkout. */
  const atCheckout = async (...rest: [Parameters<Shop['visit']>[1]?]): Promise<Page> => {
    const page = await visit(`/p/${shop.idOf(MUG)}`, ...rest);
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('link', { name: 'basket', exact: true }).click();
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await hasFocus(title(page, 'Checkout'));
    return page;
  };
  const placedOrders = async (): Promise<number> => {
    const { rows } = await shop.app.database.database.pool.query<{ n: number }>(
      'select count(*)::int as n from orders',
    );
    return rows[0]?.n ?? 0;
  };

  test('works out the total where it goes, and a payment that succeeds confirms the order', async () => {
    const page = await atCheckout();
    await fill(page, 'United States', 'California');
    await comesToBe(() => total(page), 'US$3.96'); // £2.95 at 1.25 is US$3.69, plus 7.25 %
    await page.getByLabel('Country').selectOption({ label: 'United Kingdom' });
    await comesToBe(() => total(page), '£2.95');
    await order(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/orders\/ord_/);
    await comesToBe(() => page.getByText('1 × Red Retrospot Mug').count(), 1);
    await comesToBe(() => total(page), '£2.95');
    await comesToBe(() => basketLink(page).textContent(), 'Basket, empty');
    await page.reload();
    await title(page, 'Thank you, it is ordered').waitFor();
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await title(page, 'This order did not go through').waitFor();
    await comesToBe(() => page.getByText('You cancelled it.').count(), 1);
  });

  test('a payment that is declined charges nothing and leaves the basket, which can be ordered again', async () => {
    const page = await atCheckout();
    await fill(page);
    await page.getByLabel('It is declined', { exact: true }).check();
    await order(page).click();
    await title(page, 'This order did not go through').waitFor();
    await page.getByText('The payment was declined. Nothing was charged.').waitFor();
    await page.getByRole('button', { name: 'Try again with the same basket' }).click();
    await title(page, 'Checkout').waitFor();
    await comesToBe(() => basketLink(page).textContent(), 'Basket, 1 item');
    await fill(page);
    await order(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
  });

  test('a merchant finds the saga of an order in the back office, whatever state it is in', async () => {
    const page = await atCheckout();
    await fill(page);
    await order(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    const id = new URL(page.url()).pathname.slice('/orders/'.length);
    await page.goto(`${shop.url}/admin/operations`);
    await page.getByLabel('Admin token').fill(shop.app.adminToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const sagas = page.getByRole('region', { name: 'Sagas', exact: true });
    await sagas.getByText('None.').waitFor();
    await sagas.getByLabel('Show those').selectOption('that ended last');
    await comesToBe(() => sagas.getByRole('row').filter({ hasText: id }).count(), 1);
  });

  test('a payment that takes a while is followed until it ends', async () => {
    const page = await atCheckout();
    await fill(page);
    await page.getByLabel('It takes a while, then succeeds').check();
    await order(page).click();
    await page.getByRole('list', { name: 'How far it is' }).waitFor();
    await title(page, 'Thank you, it is ordered').waitFor();
  });

  test('says at each field what is wrong, and begins with the first', async () => {
    const page = await atCheckout();
    await order(page).click();
    await hasFocus(page.getByLabel('E-mail'));
    const email = page.getByLabel('E-mail');
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator(`#${await email.getAttribute('aria-describedby')}`).textContent()).toBe(
      'Enter your e-mail address',
    );
    await fill(page, 'India', 'Kerala');
    await comesToBe(() => page.locator('.field-error').count(), 0);
    await page.getByLabel('UPI').check();
    await page.getByLabel('Country').selectOption({ label: 'Brazil' });
    await page.getByLabel('Pix').waitFor(); // how one pays follows the country, and so does the state
    await order(page).click();
    await hasFocus(page.getByLabel('State'));
    await comesToBe(() => page.getByText('Choose the state').count(), 1);
  });

  test('two fast presses place one order, and so does a second one after an answer that was lost', async () => {
    const page = await atCheckout();
    await fill(page);
    const before = await placedOrders();
    await page.route(/\/v1\/checkout/, async (route) => {
      await route.fetch(); // the shop did it, and nobody hears of it
      await route.abort();
    });
    await order(page).dblclick();
    await page.getByRole('alert').getByText('the shop does not answer').waitFor();
    await hasFocus(askAgain(page));
    await page.unrouteAll();
    await askAgain(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(await placedOrders()).toBe(before + 1);
  });

  /** Records what is sent to the checkout, and lets the shop hear the first of it or nothing; no answer comes back. */
  const cutOff = async (page: Page, heard: 'first' | 'nothing'): Promise<Set<string>> => {
    const sent = new Set<string>();
    let lost = 0;
    page.on('request', (request) => {
      if (!/\/v1\/checkout/.test(request.url())) return;
      sent.add(JSON.stringify([request.url(), request.headers()['idempotency-key'], request.postData()]));
    });
    await page.route(/\/v1\/checkout/, async (route) => {
      if (lost++ === 0 && heard === 'first') await route.fetch();
      await route.abort('connectionreset');
    });
    return sent;
  };
  /** Orders, and no answer comes: not to the order, nor to asking again. */
  const orderUnanswered = async (page: Page): Promise<void> => {
    await order(page).click();
    await page.getByRole('alert').getByText('Nothing is known yet').waitFor();
  };

  test('an order whose answer was lost is sent again after a reload as it was, and the customer lands on the one order', async () => {
    const page = await atCheckout();
    await fill(page);
    const before = await placedOrders();
    const sent = await cutOff(page, 'first');
    await orderUnanswered(page);
    expect(await placedOrders()).toBe(before + 1);
    await page.unrouteAll();
    await page.reload();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(await placedOrders()).toBe(before + 1);
    expect(sent.size).toBe(1);
    await comesToBe(() => page.getByText('1 × Red Retrospot Mug').count(), 1);
    await comesToBe(() => basketLink(page).textContent(), 'Basket, empty');
  });

  test('an order without an answer comes before all else: nothing is ordered, changed or put in until it is known', async () => {
    const page = await atCheckout();
    await fill(page);
    const before = await placedOrders();
    await cutOff(page, 'nothing');
    await orderUnanswered(page);
    await page.reload();
    await page.getByRole('alert').getByText('Nothing is known yet: the shop does not answer').waitFor();
    expect(await order(page).isVisible()).toBe(false);
    await basketLink(page).click();
    await page.getByText('What is in your basket was sent as an order.').waitFor();
    await comesToBe(() => page.getByRole('textbox', { name: /^Quantity of/ }).count(), 0);
    await page.goto(`${shop.url}/p/${shop.idOf(MUG)}`);
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('alert').getByText('an order that you sent has no answer yet').waitFor();
    expect(await placedOrders()).toBe(before);
    await page.unrouteAll();
    await page.getByRole('link', { name: 'See what became of it' }).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(await placedOrders()).toBe(before + 1);
    await comesToBe(() => page.getByText('has no answer yet').count(), 0);
  });

  test('a second window waits for the order of the first instead of placing its own', async () => {
    const page = await atCheckout();
    await fill(page);
    const before = await placedOrders();
    const other = await page.context().newPage();
    await other.goto(`${shop.url}/checkout`);
    await fill(other);
    await cutOff(page, 'first');
    await order(page).click();
    await title(other, 'Thank you, it is ordered').waitFor();
    expect(await placedOrders()).toBe(before + 1);
  });

  test('an order that never arrived and is refused on return can be placed anew with what was typed in', async () => {
    const page = await atCheckout();
    await fill(page);
    const before = await placedOrders();
    await cutOff(page, 'nothing');
    await orderUnanswered(page);
    await shop.app.database.database.pool.query("update quotes set expires_at = now() - interval '1 second'");
    await page.unrouteAll();
    await askAgain(page).click();
    await page.getByRole('alert').getByText('Not ordered: the price had to be worked out again').waitFor();
    await order(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(await placedOrders()).toBe(before + 1);
  });

  test('where the shop has forgotten the key, nobody is told to order again as if nothing had been ordered', async () => {
    const page = await atCheckout();
    await fill(page);
    const before = await placedOrders();
    await cutOff(page, 'first');
    await orderUnanswered(page);
    await shop.app.database.database.pool.query('delete from idempotency_keys');
    await page.unrouteAll();
    await page.reload();
    await page.getByRole('alert').getByText('may have been ordered then').waitFor();
    expect(await placedOrders()).toBe(before + 1);
  });

  test('a shop that wants to be asked more slowly has not lost the order', async () => {
    const page = await atCheckout();
    await fill(page);
    await order(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    const limited = { status: 429, headers: { 'Retry-After': '2' }, contentType: 'application/problem+json' };
    let refused = 0;
    await page.route(/\/v1\/orders\//, (route) => {
      refused++;
      return route.fulfill({ ...limited, body: '{"code":"rate-limited","status":429}' });
    });
    await page.reload();
    await comesToBe(() => Promise.resolve(refused > 0), true);
    await page.getByText('Your order could not be loaded.').waitFor();
    await comesToBe(() => title(page, 'No such order here').count(), 0);
    await page.unrouteAll();
    await title(page, 'Thank you, it is ordered').waitFor();
  });

  test('says when somebody was faster, and that nothing was charged', async () => {
    const page = await atCheckout();
    await fill(page);
    const { pool } = shop.app.database.database;
    const sku = 'RED-RETROSPOT-MUG';
    const { rows } = await pool.query('select on_hand - reserved as n from stock_items where sku = $1', [sku]);
    const taken = await fetch(`${shop.url}/v1/admin/reservations`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${shop.app.adminToken}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': `all-${Date.now()}`,
      },
      body: JSON.stringify({ lines: [{ sku, quantity: rows[0].n }], holdSeconds: 3600 }),
    });
    expect(taken.status).toBe(201);
    const { id } = (await taken.json()) as { id: string };
    await order(page).click();
    await page.getByRole('alert').getByText('Somebody was faster').waitFor();
    await page.getByRole('link', { name: 'your basket' }).click();
    await page.getByText('Sold out.').waitFor();
    await fetch(`${shop.url}/v1/admin/reservations/${id}/release`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${shop.app.adminToken}`, 'Idempotency-Key': `back-${id}` },
    });
  });

  test('has nothing to show of an empty basket, or of an order of another browser', async () => {
    const page = await visit('/checkout');
    await page.getByText('There is nothing in your basket to be paid for.').waitFor();
    await page.goto(`${shop.url}/orders/ord_01a2150e-96e3-719e-a0cb-453b03ed8c42`);
    await title(page, 'No such order here').waitFor();
  });

  test.each([360, 1440])('is not wider than a screen of %d pixels', async (width) => {
    const page = await atCheckout({ viewport: { width, height: 800 } });
    await fill(page, 'United States', 'District of Columbia');
    expect(await sidewaysScroll(page)).toBe(0);
    await order(page).click();
    await title(page, 'Thank you, it is ordered').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
  });
});
