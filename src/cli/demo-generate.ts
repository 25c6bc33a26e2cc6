import { parseArgs } from 'node:util';
import { canGenerate, DEMO_SEED, describeReport, generateDemoShop, MOST_PRODUCTS } from '../contexts/catalogue';
import { loadSettings } from '../platform/config';
import { createLog } from '../platform/log';
import { abortOnSignal, progressLine } from './progress';
import { runCommand, UsageError } from './run';
import { openShopDatabase } from './shop-database';

const USAGE = `Usage: npm run demo:generate -- [--products N] [--seed N]

  --products N  how many products the demo shop has in all, up to ${MOST_PRODUCTS.toLocaleString('en-GB')} (5,000)
  --seed N      another shop of the same kind (${DEMO_SEED}, the shop of the first start)

  The same seed gives the same products, and a larger shop has all of a smaller one.`;

const wholeNumber = (text: string, name: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number, not "${text}"\n\n${USAGE}`);
  return Number(text);
};

function readOptions(args: readonly string[]): { products: number; seed: number } | undefined {
  const options = {
    products: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(DEMO_SEED) },
    help: { type: 'boolean', short: 'h' },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  if (values.help) return undefined;
  const products = wholeNumber(values.products, 'products');
  if (!canGenerate(products))
    throw new UsageError(`The vocabulary names ${MOST_PRODUCTS} products at most\n\n${USAGE}`);
  return { products, seed: wholeNumber(values.seed, 'seed') };
}

/** `npm run demo:generate`: makes demo products, up to millions, in the shop's database, running or not. */
runCommand(async (args) => {
  const demo = readOptions(args);
  if (!demo) {
    console.log(USAGE);
    return 0;
  }
  const settings = loadSettings();
  const signal = abortOnSignal();
  const progress = progressLine();
  progress.show('opening the database');
  const database = await openShopDatabase(settings, createLog({ ...settings, LOG_LEVEL: 'warn' }));
  try {
    const deps = { database, currency: settings.EASY11_CURRENCY };
    const report = await generateDemoShop(deps, demo, {
      signal,
      onProgress: ({ read }) =>
        progress.show(`${Math.floor((100 * read) / demo.products)} %  ${read.toLocaleString('en-GB')} products`),
    });
    progress.clear();
    console.log(describeReport(report));
    return report.aborted ? 130 : 0;
  } finally {
    progress.clear();
    await database.close();
  }
});
