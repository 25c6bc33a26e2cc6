/**
 * `npm run build && npm run chaos -- [--kills=50] [--checkouts=2500] [--seed=1]`: the long form of the chaos test, with its progress and a report.
 * `npm run chaos -- --rush=20 [--customers=1000] [--units=100]`: so many times everybody at once wants the last units, the long form of C1.
 * Uses the server of DATABASE_URL where that is set, in a database of its own, else an embedded one.
 */
import { isSound, runChaos } from './chaos';
import { runRush } from './rush';

function option(name: string, usual: number): number {
  const given = process.argv.map((one) => new RegExp(`^--${name}=(\\d+)$`).exec(one)?.[1]).find(Boolean);
  return given === undefined ? usual : Number(given);
}

async function rush(runs: number): Promise<number> {
  const customers = option('customers', 1_000);
  const units = option('units', 100);
  console.log(`${runs} times ${customers} customers at once for ${units} units`);
  const report = await runRush({ seed: option('seed', 1), runs, customers, units, say: console.log });
  const latencies = [...report.latencies].sort((a, b) => a - b);
  const totals = [...report.totals].sort((a, b) => a - b);
  const at = (sorted: readonly number[], part: number): string =>
    `${sorted[Math.floor((sorted.length - 1) * part)]?.toFixed(0)} ms`;
  console.table({
    'runs that sold something else than there was': report.wrong.length,
    'broken invariants': report.broken.length,
    deadlocks: report.deadlocks,
    ...report.others,
    'answer, half of them within': at(latencies, 0.5),
    'answer, 95 % within': at(latencies, 0.95),
    'a run, the middle one': at(totals, 0.5),
  });
  for (const one of [...report.wrong, ...report.broken]) console.log(`BROKEN ${one}`);
  const sound = report.wrong.length + report.broken.length + report.deadlocks === 0;
  return sound && Object.keys(report.others).every((name) => name.startsWith('503')) ? 0 : 1;
}

async function main(): Promise<number> {
  const runs = option('rush', 0);
  if (runs > 0) return rush(runs);
  const began = performance.now();
  const options = {
    seed: option('seed', 1),
    kills: option('kills', 50),
    checkouts: option('checkouts', 2_500),
    customers: option('customers', 12),
    built: true,
  };
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(0).padStart(4);
  console.log(`${options.checkouts} checkouts, ${options.kills} kills, seed ${options.seed}`);
  const report = await runChaos({ ...options, say: (sentence) => console.log(`${seconds()} s  ${sentence}`) });
  const { tally, broken } = report;
  const latencies = tally.latencies.sort((a, b) => a - b);
  const at = (part: number): string => `${latencies[Math.floor((latencies.length - 1) * part)]?.toFixed(0)} ms`;
  console.table({
    'orders placed': tally.purchases.length,
    'out of stock': tally.refused,
    ...report.orders,
    'kills (SIGKILL)': report.kills,
    "customers' retries": tally.retries,
    'twins with another answer': tally.mismatches.length,
    'replays with another answer': report.replayMismatches,
    'cancellations asked for': tally.cancelled,
    'dispatches asked for': tally.dispatched,
    'sagas for a person, at most': report.manual,
    'answer, half of them within (outages included)': at(0.5),
    'answer, 95 % within (outages included)': at(0.95),
    'quiet after': report.quiet ? `${(report.quiescentMs / 1000).toFixed(1)} s` : 'never',
    'in all': `${seconds().trim()} s`,
    'broken invariants': broken.length,
  });
  for (const [one, other] of tally.mismatches) console.log(`TWINS ${one}\n      ${other}`);
  for (const one of broken.slice(0, 50)) console.log(`BROKEN ${one}`);
  if (!report.quiet) console.log('BROKEN the shop did not become quiet: sagas are still open');
  return isSound(report) ? 0 : 1;
}

// What is waited for belongs to other processes, and does not keep this one alive.
setInterval(() => undefined, 60_000);
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
