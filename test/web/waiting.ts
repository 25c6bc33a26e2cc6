import type { Locator, Page } from 'playwright-core';
import { suggested } from './shop';

const PATIENCE_MILLISECONDS = 30_000;

/** Reads again until it reads what is expected, and compares once more at the end, so that a failure shows both. */
export async function comesToBe<T>(read: () => Promise<T>, expected: T): Promise<void> {
  const start = performance.now();
  let seen = await read();
  while (JSON.stringify(seen) !== JSON.stringify(expected) && performance.now() - start < PATIENCE_MILLISECONDS) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    seen = await read();
  }
  expect(seen).toEqual(expected);
}

export const showsProducts = (page: Page, names: readonly string[]): Promise<void> =>
  comesToBe(() => suggested(page), [...names]);

export const hasFocus = (locator: Locator): Promise<void> =>
  comesToBe(() => locator.evaluate((element) => element === document.activeElement), true);

/** The name of the option that the search box points at, empty for none. */
export const highlighted = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const id = document.querySelector('[role=combobox]')?.getAttribute('aria-activedescendant');
    const option = id ? document.getElementById(id) : null;
    if (option && option.getAttribute('aria-selected') !== 'true') return 'not selected';
    return option?.querySelector('.suggestion-name')?.textContent ?? '';
  });

/** How far the page can be moved sideways, in pixels. */
export const sidewaysScroll = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
