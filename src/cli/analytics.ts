import { v7 } from 'uuid';
import { ANALYTICS_PROGRAM, workerSettings } from '../analytics';
import { enqueueRun, listAlerts, listMarts, listRuns, startAnalyticsProcess, type Run } from '../contexts/analytics';
import { loadSettings } from '../platform/config';
import type { Database } from '../platform/database';
import { createLog } from '../platform/log';
import { progressLine } from './progress';
import { runCommand, UsageError } from './run';
import { openShopDatabase } from './shop-database';

const USAGE = `Usage: npm run analytics -- <command>

  build    bring what is new into the archive, build and test the models, publish the marts
  status   the last run, the marts that are served, and alerts that are open

  The shop may be running or not.                           (docs/guides/analytics.md)`;

/** `npm run analytics`: a run of the models, or how they stand. */
runCommand(async (args) => {
  const [command = '', ...rest] = args;
  if (['--help', '-h'].includes(command)) {
    console.log(USAGE);
    return 0;
  }
  if (!['build', 'status'].includes(command) || rest.length > 0) throw new UsageError(USAGE);
  const settings = loadSettings();
  const log = createLog({ ...settings, LOG_LEVEL: 'warn' });
  const database = await openShopDatabase(settings, log);
  try {
    if (command === 'status') return await tellStatus(database);
    const run = await build(database, log, workerSettings(settings));
    if (!run) {
      console.error('Another process is at it: the run waits for it to end.');
      return 1;
    }
    describe(run);
    return run.state === 'succeeded' ? 0 : 1;
  } finally {
    await database.close();
  }
});

async function build(
  database: Database,
  log: ReturnType<typeof createLog>,
  settings: ReturnType<typeof workerSettings>,
): Promise<Run | undefined> {
  const progress = progressLine();
  const analytics = startAnalyticsProcess({
    program: ANALYTICS_PROGRAM,
    settings: { ...settings, databaseUrl: database.url },
    log,
    onProgress: (sentence) => progress.show(sentence),
  });
  try {
    await enqueueRun(database.pool, `run_${v7()}`, 'command');
    return await analytics.run();
  } finally {
    progress.clear();
    await analytics.close();
  }
}

function describe({ id, state, error, exported, models }: Run): void {
  for (const [dataset, rows] of Object.entries(exported))
    console.log(`archived  ${dataset}: ${rows.toLocaleString('en-GB')} rows`);
  for (const { name, state: outcome, rows, milliseconds, tests, error: why } of models) {
    const count = rows === null ? '' : `${rows.toLocaleString('en-GB')} rows, `;
    console.log(`${outcome.padEnd(9)} ${name}: ${count}${(milliseconds / 1000).toFixed(1)} s, ${tests.length} tests`);
    for (const { test, state: found, failures, error: reason } of tests)
      if (found !== 'passed')
        console.log(`          ${found}: ${test} (${failures?.toLocaleString('en-GB') ?? reason ?? 'not counted'})`);
    if (why !== null && tests.every((test) => test.state === 'passed')) console.log(`          ${why}`);
  }
  console.log(`${id} ${state}${error === null ? '' : `: ${error}`}`);
}

async function tellStatus({ pool }: Database): Promise<number> {
  const [last] = await listRuns(pool, undefined, 1);
  if (!last) console.log('There has been no run yet.');
  else describe(last);
  for (const { name, rows, runId, dataUntil } of await listMarts(pool))
    console.log(
      `serves    ${name}: ${rows.toLocaleString('en-GB')} rows of ${runId}, data until ${dataUntil ?? '(none)'}`,
    );
  const open = (await listAlerts(pool, 100)).filter(({ resolvedAt }) => resolvedAt === null);
  for (const { model, test, detail, raisedAt } of open)
    console.log(`alert     ${model}: ${test}, ${detail}, since ${raisedAt.toISOString()}`);
  return open.length === 0 ? 0 : 1;
}
