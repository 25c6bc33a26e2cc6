'use strict';
/**
 * Takes a picture of the storefront in Chromium:
 *   node scripts/screenshot.cjs <address> <file.png> [--width 1440] [--height 900] [--type "red re"] [--dark] [--full]
 * The question whether visits may be counted is answered with no; what is below is scrolled to once, so that its pictures are there.
 * `--type` types into the search box first, so that the popup shows. CHROMIUM_PATH names another browser.
 */
const { parseArgs } = require('node:util');
const { chromium } = require('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      width: { type: 'string', default: '1440' },
      height: { type: 'string', default: '900' },
      type: { type: 'string' },
      dark: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
    },
  });
  const [address, file] = positionals;
  if (!address || !file) throw new Error('Usage: node scripts/screenshot.cjs <address> <file.png> [options]');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
    args: FLAGS,
  });
  try {
    const page = await browser.newPage({
      viewport: { width: Number(values.width), height: Number(values.height) },
      colorScheme: values.dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    await page.goto(address, { waitUntil: 'networkidle' });
    const refuse = page.getByRole('button', { name: 'Refuse' });
    if (await refuse.isVisible()) await refuse.click();
    await page.mouse.wheel(0, 100_000);
    await page.waitForLoadState('networkidle');
    await page.mouse.wheel(0, -100_000);
    if (values.type) {
      await page.getByRole('combobox', { name: 'Search for products' }).pressSequentially(values.type, { delay: 30 });
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(300);
    }
    await page.screenshot({ path: file, fullPage: values.full });
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
