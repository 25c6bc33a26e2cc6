import { pino } from 'pino';
import type { Settings } from './config';

/** The log: one JSON object a line on standard output. Call it with an object first: `log.info({ port }, 'Listening')`. */
export type Log = pino.Logger;

/** Makes the process's log. Credentials that an object may carry are struck out before they are written. */
export function createLog(settings: Pick<Settings, 'LOG_LEVEL'>, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    level: settings.LOG_LEVEL,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: CREDENTIALS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const CREDENTIALS = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'connectionString',
  'DATABASE_URL',
  'REDIS_URL',
  'EASY11_ADMIN_TOKEN',
  'EASY11_SANDBOX_SECRET',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
];
