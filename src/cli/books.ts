import { judgeBooks } from '../books';
import { loadSettings } from '../platform/config';
import { createLog } from '../platform/log';
import { runCommand, UsageError } from './run';
import { insistOnMigrated, openShopDatabase } from './shop-database';

const USAGE = `Usage: npm run books

  Says whether the books balance: stock, money, coupons, orders and events. Reads only; the shop may run meanwhile.
  Exit code 1 where something does not hold.                (docs/guides/checkout.md)`;

/** `npm run books`: each invariant, and what breaks it. */
runCommand(async (args) => {
  if (['--help', '-h'].includes(args[0] ?? '')) {
    console.log(USAGE);
    return 0;
  }
  if (args.length > 0) throw new UsageError(USAGE);
  const settings = loadSettings();
  const database = await openShopDatabase(settings, createLog({ ...settings, LOG_LEVEL: 'warn' }), insistOnMigrated);
  try {
    const verdicts = await judgeBooks(database);
    for (const { id, says, count, examples } of verdicts) {
      console.log(`${count === 0 ? ' ok    ' : ' BROKEN'} ${id.padEnd(4)} ${says}`);
      if (count > 0) console.log(`         → ${count.toLocaleString('en-GB')}: ${examples.join(', ')}`);
    }
    return verdicts.some(({ count }) => count > 0) ? 1 : 0;
  } finally {
    await database.close();
  }
});
