/** The shop as a process that may be killed at any moment: started again and again by chaos.ts, and ended with its parent. */
import { pino } from 'pino';
import { startApp } from '../../src/app';
import { loadSettings } from '../../src/platform/config';

process.stdin.resume().once('end', () => process.exit(0));

startApp(loadSettings(), pino({ level: 'fatal' })).then(
  ({ http }) => process.stdout.write(`ready ${http.url}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
