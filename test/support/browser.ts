import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const root = path.resolve(__dirname, '../..');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // One process draws all pages of a suite: starting one for each is most of what a small page costs.
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
];

// The shell without a window around it starts five times as fast, and draws the same pages.
const USUAL = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const chromiumPath = process.env.CHROMIUM_PATH || (USUAL.find(existsSync) ?? '/usr/bin/chromium');

/** A suite in real Chromium. Where there is none the suite is skipped, and its name says so. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (existsSync(chromiumPath)) describe(name, suite);
  else describe.skip(`${name} (skipped: no Chromium at ${chromiumPath}; CHROMIUM_PATH names another place)`, suite);
}

/** `userAgent` as a flag: what a page sends as it goes does not have the one of a browser context. */
export const launchBrowser = (userAgent?: string): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: userAgent === undefined ? FLAGS : [...FLAGS, `--user-agent=${userAgent}`],
  });

/** Makes dist/web what web/ says, as `npm start` does; nothing to do when it is already. */
export async function buildPages(): Promise<void> {
  const program =
    "require('./scripts/steps.cjs').buildPages().catch((e) => { console.error(e.message); process.exit(1); })";
  await promisify(execFile)(process.execPath, ['-e', program], { cwd: root });
}
