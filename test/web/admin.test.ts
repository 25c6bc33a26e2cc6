import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { ADMIN_TOKEN, eventually, startTestApp, type TestApp } from '../support/app';
import { buildPages, describeInBrowser, launchBrowser } from '../support/browser';
import { makePast } from './admin-shop';
import { sidewaysScroll } from './waiting';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** A run and a training each start a process or a thread, at a low priority: on a busy machine that takes long. */
const PATIENCE_MILLISECONDS = 200_000;
const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** What axe finds wrong under WCAG 2.1 AA. */
async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const found = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(STANDARD)}, resultTypes: ['violations'] }).then(({ violations, passes }) => {
      if (passes.length < 10) throw new Error('axe looked at almost nothing');
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary));
    })`,
  );
  return found as string[];
}

describeInBrowser('the back office', () => {
  let app: TestApp;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  const complaints: string[] = [];

  const post = async (where: string): Promise<string> => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await fetch(`${app.url}/v1/admin/${where}`, { method: 'POST', headers });
    return ((await answer.json()) as { id: string }).id;
  };
  const carriedOut = async (what: string): Promise<void> => {
    const id = await post(what);
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    for (;;) {
      // Not too often: whoever works on it has a low priority. The bound is the time of the hook.
      await new Promise((resolve) => setTimeout(resolve, 250));
      const answer = await fetch(`${app.url}/v1/admin/${what}/${id}`, { headers });
      const { state, error } = (await answer.json()) as { state: string; error: string | null };
      if (state === 'failed') throw new Error(String(error));
      if (state === 'succeeded') return;
    }
  };

  beforeAll(async () => {
    await buildPages();
    app = await startTestApp();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  const visit = async (where: string): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Warning:/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(app.url + where);
    await page.locator('h1').waitFor();
    return page;
  };
  const signIn = async (where = '/admin'): Promise<Page> => {
    const page = await visit(where);
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Parts of the back office' }).waitFor();
    return page;
  };
  const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

  test('lets in who has the token, remembers it for this window alone, and forgets it at the way out', async () => {
    const page = await visit('/admin');
    await page.getByLabel('Admin token').fill('not-the-token-of-this-shop');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('That is not the admin token').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(ADMIN_TOKEN);
    expect(page.url()).toBe(`${app.url}/admin`);
    const other = await page.context().newPage();
    await other.goto(`${app.url}/admin`);
    await other.getByLabel('Admin token').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Admin token').waitFor();
    await page.reload();
    await page.getByLabel('Admin token').waitFor();
  });

  test('says in each place that there is no data yet, and how to get some', async () => {
    const page = await signIn();
    await panel(page, 'Revenue by month').getByText('analytics has not run').waitFor();
    await panel(page, 'Revenue of the next weeks').getByText('There is no model yet').waitFor();
    await page.getByRole('link', { name: 'Operations' }).click();
    await panel(page, 'Runs of analytics').getByText('Analytics has not run yet.').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('is no part of what a shopper loads', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.goto(app.url);
    await page.locator('h1').waitFor();
    await page.waitForLoadState('networkidle');
    expect(loaded.some((url) => url.includes('/assets/'))).toBe(true);
    expect(loaded.filter((url) => url.includes('AdminPage'))).toEqual([]);
  });

  describe('with a past', () => {
    beforeAll(async () => {
      await makePast(app);
      await post('recommendations/models');
      await carriedOut('analytics/runs');
      await carriedOut('analytics/trainings');
    }, 3 * PATIENCE_MILLISECONDS);

    const places = [
      ['Overview', { 'Revenue of the next weeks': 'trials on the past' }],
      ['Customers', { 'Who is about to go': 'are expected to buy nothing' }],
      ['Models', { 'How good the churn model is': 'Area under the curve', Recommendations: 'popular 0.' }],
      ['Shopping', { Categories: 'uncategorised', 'What coupons bring': 'SPRING-10' }],
      ['Experiments', { 'All experiments': 'popular 50', Results: 'Who was counted fits the shares' }],
      ['Products', { Catalogue: 'unknown' }],
      ['Operations', { 'Where figures come from': 'customer_orders', Disputes: 'Product not received' }],
    ] as const;
    test.each(places)('shows %s, dark and narrow, then light and wide, to everybody', async (place, panels) => {
      const page = await signIn(place === 'Overview' ? '/admin' : `/admin/${place.toLowerCase()}`);
      await page.getByRole('heading', { level: 1, name: place }).waitFor();
      for (const [name, text] of Object.entries(panels)) await panel(page, name).getByText(text).first().waitFor();
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: 'dark' });
      for (const summary of await page.locator('summary').all()) await summary.click();
      await eventually(20_000, async () => (await page.locator('[aria-busy=true]').count()) === 0);
      expect(await violations(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await violations(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
    });

    test('hands out what it shows as a file', async () => {
      const page = await signIn();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        panel(page, 'Revenue of the next weeks').getByRole('button', { name: 'CSV' }).click(),
      ]);
      expect(file.suggestedFilename()).toBe('forecast.csv');
      expect(readFileSync(await file.path(), 'utf8').split('\r\n')[0]).toContain('lower80');
      const [parquet] = await Promise.all([
        page.waitForEvent('download'),
        panel(page, 'Revenue by month').getByRole('button', { name: 'Parquet' }).click(),
      ]);
      expect(
        readFileSync(await parquet.path())
          .subarray(0, 4)
          .toString(),
      ).toBe('PAR1');
    });

    test('shows what came of an experiment, with intervals', async () => {
      const page = await signIn('/admin/experiments');
      const row = panel(page, 'Results').getByRole('row').filter({ hasText: 'recommended' });
      await row.waitFor();
      // Twenty of forty, beside ten of forty. Wilson and Newcombe, reckoned apart.
      expect((await row.getByRole('cell').allTextContents()).map((text) => text.replaceAll('\u00a0', ' '))).toEqual([
        ...['40', '20', '50.0 %', '35.2 % to 64.8 %', '+25.0', '+3.8 to +43.3'],
      ]);
    });

    test('makes an experiment, starts and stops it, and says what is wrong with one', async () => {
      const page = await signIn('/admin/experiments');
      const making = panel(page, 'A new experiment');
      await making.getByLabel('Name').fill('Which button');
      await making.getByLabel('Key').fill('home-shelf');
      await making.getByLabel('Variants').fill('plain, loud');
      await making.getByLabel('Counts').selectOption('purchase');
      await making.getByRole('button', { name: 'Make it' }).click();
      const status = panel(page, 'All experiments').getByRole('status');
      await status.getByText('That did not work').waitFor();
      await making.getByLabel('Key').fill('button');
      await making.getByRole('button', { name: 'Make it' }).click();
      await status.getByText('Which button is a draft.').waitFor();
      const row = panel(page, 'All experiments').getByRole('row').filter({ hasText: 'Which button' });
      await row.getByText('plain 50').waitFor();
      await row.getByRole('button', { name: /^Start ?: Which button$/ }).click();
      await status.getByText('Which button runs.').waitFor();
      expect(await violations(page)).toEqual([]);
      await row.getByRole('button', { name: /^Stop ?: Which button$/ }).click();
      await status.getByText('Which button is stopped, for good.').waitFor();
      await eventually(20_000, async () => (await row.getByRole('button').count()) === 0);
      const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${app.url}/v1/admin/experiments/button`, { headers });
      const variants = ['plain', 'loud'].map((key) => ({ key, weight: 1 }));
      expect(await answer.json()).toMatchObject({ state: 'stopped', metric: 'purchase', variants });
    });

    test(
      'puts another model into production, and trains a new one',
      async () => {
        const page = await signIn('/admin/models');
        const versions = panel(page, 'Recommendations');
        const isIn = (number: number, state: string, timeout = 20_000): Promise<void> =>
          versions
            .getByRole('row', { name: new RegExp(`^${number} `) })
            .getByRole('cell', { name: state, exact: true })
            .waitFor({ timeout });
        await isIn(1, 'Active', PATIENCE_MILLISECONDS);
        await versions.getByRole('button', { name: 'Train a version' }).click();
        await versions.getByRole('status').getByText('A version is being trained.').waitFor();
        // It takes the place of the first one, or has turned out worse: the other of the two can be put there by hand.
        const other = versions.getByRole('button', { name: /^(Go back to it|Put into use) ?: version \d$/ });
        await other.waitFor({ timeout: PATIENCE_MILLISECONDS });
        const number = Number((await other.textContent())?.at(-1));
        const active = versions
          .getByRole('row')
          .filter({ has: page.getByRole('cell', { name: 'Active', exact: true }) });
        const before = parseInt((await active.textContent()) ?? '', 10);
        await other.click();
        await versions.getByRole('status').getByText(`Version ${number} answers now.`).waitFor();
        await isIn(number, 'Active', 60_000);
        await isIn(before, 'Retired', 60_000);
        const models = panel(page, 'Models');
        const rows = models.getByRole('row').filter({ hasText: 'Churn' });
        await rows.first().waitFor();
        await models.getByRole('button', { name: 'Train now' }).click();
        await models.getByRole('status').getByText('A training was asked for.').waitFor();
        const second = rows.filter({ hasText: 'Churn 2' });
        await eventually(
          PATIENCE_MILLISECONDS,
          async () => (await second.filter({ hasText: 'Production' }).count()) === 1,
        );
        await rows.filter({ hasText: 'Churn 1' }).getByRole('button', { name: 'Put into production' }).click();
        await models.getByRole('status').getByText('Churn 1 is in production.').waitFor();
        await eventually(20_000, async () => (await second.filter({ hasText: 'Archived' }).count()) === 1);
      },
      2 * PATIENCE_MILLISECONDS,
    );
  });
});
