import { startApp, type App } from '../app';
import { backend } from '../core';
import { loadSettings, SettingsError, unknownSettings } from '../platform/config';
import { createLog } from '../platform/log';

/** `npm start`: runs the shop until a signal, and says in plain words what is going on. */
async function main(): Promise<void> {
  const settings = loadSettings();
  // At a terminal a person reads along: the sentences below are for them, and the log says only what is wrong.
  const quiet = process.stdout.isTTY && !process.env.LOG_LEVEL;
  const log = createLog(quiet ? { LOG_LEVEL: 'warn' } : settings);
  for (const name of unknownSettings()) log.warn({ setting: name }, 'this setting is unknown; is it misspelt?');
  const started = performance.now();
  const signal = stopSignal();
  // A start that waits for something, such as a database that is away, must not outlive the wish to stop it for long.
  const patience = (): void => void setTimeout(() => process.exit(0), 3000).unref();
  signal.addEventListener('abort', patience);
  const app = await startApp(settings, log, { progress: showProgress(), signal });
  signal.removeEventListener('abort', patience);
  announce(app, (performance.now() - started) / 1000);
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
    if (signal.aborted) resolve(undefined);
  });
  console.log('stopping: requests in progress are finished first');
  await app.close();
}

/** One line that is rewritten on a terminal; a line per sentence elsewhere, where repeated counts would be noise. */
function showProgress(): (sentence: string) => void {
  let last = '';
  return (sentence) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${sentence} …`);
    else if (sentence.replace(/\d+/g, '') !== last) console.log(`${sentence} …`);
    last = sentence.replace(/\d+/g, '');
  };
}

function announce(app: App, seconds: number): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  const engine = backend();
  const why = engine.backend === 'native' ? `native (${engine.isa})` : `TypeScript fallback (${engine.reason})`;
  console.log(
    [
      `The shop runs at ${app.http.url}   (started in ${seconds.toFixed(1)} s)`,
      `  products in the search box: ${app.search.status().products.toLocaleString('en')}, engine: ${why}, database: ${app.database.kind}, payments: ${app.payments?.provider ?? 'off'}`,
      `  API: ${app.http.url}/docs   readiness: ${app.http.url}/readyz`,
      app.admin ? `  admin token: ${app.admin.source}` : '  admin: closed, EASY11_ADMIN_TOKEN is not set',
      '  Ctrl+C stops it.',
    ].join('\n'),
  );
}

class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new Stopped('stopped before the shop was ready'));
    });
  }
  return stop.signal;
}

const EXPLAINED = ['ListenError', 'DatabaseError', 'MigrationError', 'Easy11Error'];

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof Stopped) {
      console.log(error.message);
      process.exit(0);
    }
    if (error instanceof SettingsError) console.error(`Easy11 cannot start:\n${error.message}`);
    else if (error instanceof Error && EXPLAINED.includes(error.name)) {
      console.error(`Easy11 cannot start: ${error.message}`);
    } else console.error(error);
    process.exit(1);
  },
);
