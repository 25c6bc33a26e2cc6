import { Redis } from 'ioredis';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { chooseRoad } from '../contexts/tracking';
import { backend } from '../core/loader';
import {
  describeSettings,
  loadSettings,
  SettingsError,
  showSetting,
  unknownSettings,
  withoutPassword,
  type Settings,
} from '../platform/config';
import { openDatabase, pendingMigrations } from '../platform/database';
import { embeddedVersion, inspectEmbedded } from '../platform/database/embedded/inspect';
import { createLog } from '../platform/log';
import { runCommand } from './run';

/** `broken` makes the exit code 1; a `note` is something to know that works all the same. */
interface Finding {
  readonly state: 'ok' | 'note' | 'broken';
  readonly text: string;
  readonly hint?: string | undefined;
}

// Before the command: it is needed while that runs.
const TRACKING = 'Events of visitors:';
const MARKS = { ok: ' ok    ', note: ' note  ', broken: ' BROKEN' } as const;

/** `npm run doctor`: says what runs here and why, what does not, and what to do about it. */
runCommand(async () => {
  const findings = [checkNode(), checkEngine()];
  try {
    const settings = loadSettings();
    findings.push(
      checkDataFolder(settings),
      await checkDatabase(settings),
      ...(await checkRedis(settings)),
      ...unknown(),
    );
    report(findings);
    console.log('\nSettings (* set in the environment)');
    for (const line of settingLines(settings)) console.log(line);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const { setting, problem } of error.wrong)
      findings.push({ state: 'broken', text: `Setting: ${setting} ${problem}` });
    findings.push(...unknown());
    report(findings);
  }
  return findings.some(({ state }) => state === 'broken') ? 1 : 0;
});

function report(findings: readonly Finding[]): void {
  for (const { state, text, hint } of findings) {
    console.log(`${MARKS[state]} ${text}`);
    if (hint) console.log(`         → ${hint}`);
  }
}

// A declaration: the command above runs before a constant down here has its value.
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const text = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  if (major > 20 || (major === 20 && minor >= 19)) return { state: 'ok', text };
  return { state: 'broken', text, hint: 'Easy11 needs Node 20.19 or later.' };
}

function checkEngine(): Finding {
  try {
    const report = backend();
    if (report.backend === 'native') return { state: 'ok', text: `Engine: native (${report.isa}), ${report.path}` };
    const why = report.error === null ? '' : `: ${report.error.message.split('\n')[0]}`;
    return {
      state: report.reason === 'forced' ? 'ok' : 'note',
      text: `Engine: TypeScript fallback (${report.reason})${why}`,
      hint: report.hint ?? undefined,
    };
  } catch (error) {
    return { state: 'broken', text: `Engine: ${reasonOf(error)}` };
  }
}

function checkDataFolder(settings: Settings): Finding {
  const folder = path.resolve(settings.EASY11_DATA_DIR);
  if (!existsSync(folder)) return { state: 'ok', text: `Data folder: ${folder} (made when it is first needed)` };
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { state: 'ok', text: `Data folder: ${folder}` };
  } catch (error) {
    return {
      state: 'broken',
      text: `Data folder: ${folder} cannot be written: ${reasonOf(error)}`,
      hint: 'Make it writable for this user, or choose another with EASY11_DATA_DIR.',
    };
  }
}

async function checkDatabase(settings: Settings): Promise<Finding> {
  if (settings.DATABASE_URL !== undefined) {
    return askDatabase(settings, `Database: ${withoutPassword(settings.DATABASE_URL)}, because DATABASE_URL is set`);
  }
  const because = 'Database: embedded PostgreSQL, because DATABASE_URL is not set';
  try {
    const version = embeddedVersion();
    const { exists, running, cluster } = inspectEmbedded(settings.EASY11_DATA_DIR);
    if (running) {
      const text = `${because}; run by process ${running.pid} (${running.command})`;
      return askDatabase({ ...settings, DATABASE_URL: running.url }, text);
    }
    if (!exists) return { state: 'ok', text: `${because}; ${version} is ready to make it at the first start` };
    return askDatabase(settings, `${because}; in ${cluster}`);
  } catch (error) {
    return { state: 'broken', text: `${because}: ${reasonOf(error)}` };
  }
}

/** Connects, asks for the version and compares the migrations. */
async function askDatabase(settings: Settings, text: string): Promise<Finding> {
  try {
    const database = await openDatabase(settings, createLog({ LOG_LEVEL: 'silent' }), 5000);
    try {
      const { rows } = await database.pool.query<{ server_version: string }>('show server_version');
      const pending = await pendingMigrations(database);
      const answers = `${text}; PostgreSQL ${rows[0]?.server_version ?? '?'} answers`;
      if (pending.length === 0) return { state: 'ok', text: `${answers}, at the newest migration` };
      const hint = 'npm start applies them, and so does npm run db:migrate.';
      return {
        state: 'note',
        text: `${answers}, with ${pending.length} migrations to come (${pending.join(', ')})`,
        hint,
      };
    } finally {
      await database.close();
    }
  } catch (error) {
    return { state: 'broken', text, hint: reasonOf(error) };
  }
}

async function checkRedis(settings: Settings): Promise<Finding[]> {
  if (settings.REDIS_URL === undefined) {
    return [
      { state: 'ok', text: 'Redis: none, because REDIS_URL is not set; other systems hear no events' },
      { state: 'ok', text: `${TRACKING} straight to PostgreSQL, because REDIS_URL is not set` },
    ];
  }
  const text = `Redis: ${withoutPassword(settings.REDIS_URL)}`;
  const redis = new Redis(settings.REDIS_URL, {
    lazyConnect: true,
    connectTimeout: 3000,
    commandTimeout: 3000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  let last: unknown;
  redis.on('error', (error) => (last = error)); // the reason; what connect() throws only says that it is closed
  try {
    await redis.connect();
    await redis.ping();
    return [{ state: 'ok', text: `${text} answers` }, await findRoad(settings, redis)];
  } catch (error) {
    const hint = `${reasonOf(last ?? error)}. Start it, correct REDIS_URL, or leave it out.`;
    return [
      { state: 'broken', text, hint },
      { state: 'note', text: `${TRACKING} straight to PostgreSQL, because Redis does not answer` },
    ];
  } finally {
    redis.disconnect();
  }
}

/** Which road the events of visitors take, and why. */
async function findRoad({ EASY11_EVENT_STREAM: mode }: Settings, redis: Redis): Promise<Finding> {
  try {
    const { through, because } = await chooseRoad(redis, mode);
    if (through === 'stream')
      return { state: 'ok', text: `${TRACKING} through a Redis stream to PostgreSQL, because ${because}` };
    const hint =
      mode === 'auto'
        ? 'They are stored all the same; to go on while PostgreSQL is away see docs/guides/tracking.md.'
        : undefined;
    return { state: 'ok', text: `${TRACKING} straight to PostgreSQL, because ${because}`, hint };
  } catch (error) {
    const text = `${TRACKING} straight to PostgreSQL, because Redis does not say whether it keeps them`;
    return { state: 'note', text, hint: reasonOf(error) };
  }
}

function unknown(): Finding[] {
  return unknownSettings().map((name) => ({
    state: 'note',
    text: `Setting: ${name} is not a setting of Easy11; is it misspelt?`,
  }));
}

function settingLines(settings: Settings): string[] {
  return describeSettings().map(({ name, sentence }) => {
    const mark = process.env[name]?.trim() ? '*' : ' ';
    return `${mark} ${name.padEnd(22)} ${showSetting(settings, name).padEnd(24)} ${sentence}`;
  });
}
