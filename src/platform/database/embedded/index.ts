/**
 * A real PostgreSQL for a machine that has none: programs from npm, a cluster in the user's data folder, one process that
 * owns it. See docs/decisions/embedded-postgresql.md for why and what can go wrong.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../../log';
import { DatabaseError } from '../boot';
import { accountForServer } from './account';
import { prepareBinaries } from './binaries';
import { ensureCluster, resetPassword, SUPERUSER } from './cluster';
import { takeOwnership } from './ownership';
import { choosePlace, SHELTER, type Place } from './place';
import { keepRunning } from './keeper';
import { startPostmaster, StartError, stopOrphan, type Postmaster } from './postmaster';

const DATABASE_NAME = 'easy11';
/** Where a port of our own is chosen: below where systems take the ports of outgoing connections from (Linux from 32768 on). */
const PORTS = { first: 15_000, last: 32_000 } as const;

export interface EmbeddedServer {
  /** The address, password included. It is also in the data folder's file `postgres.url`, for other programs. */
  readonly url: string;
  /** Stops the server and gives the data folder back. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** More of PostgreSQL's own settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the embedded PostgreSQL of a data folder, makes its database on the first start and stops what a killed process
 * left running. The server ends with this process: on `stop`, on exit, and on SIGINT, SIGTERM or SIGHUP if nobody else
 * listens to those. Throws DatabaseError when another process uses the folder, naming it.
 */
export async function startEmbedded(
  dataFolder: string,
  log: Log,
  options: EmbeddedOptions = {},
): Promise<EmbeddedServer> {
  const started = Date.now();
  const account = accountForServer();
  const place = choosePlace(openFolder(dataFolder), account);
  const release = takeOwnership(
    place.ownerFile,
    `Stop it, choose another folder with EASY11_DATA_DIR, or share its database: DATABASE_URL=$(cat ${place.addressFile})`,
  );
  try {
    const binaries = prepareBinaries(account, SHELTER);
    await stopOrphan(place, binaries, account, log);
    const known = readAddress(place);
    const password = known?.password ?? randomBytes(24).toString('base64url');
    // Written before the cluster is made: a start that dies in between must not lose the password.
    writeAddress(place, password, known?.port ?? 0);
    const fresh = await ensureCluster(place, binaries, account, password, log);
    if (!fresh && known === undefined) await resetPassword(place, binaries, account, password);
    let settled = false;
    let port = await freePort(known?.port ?? 0);
    const start = async (): Promise<Postmaster> => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await startPostmaster(place, binaries, account, port, log, options.settings);
        } catch (error) {
          if (!(error instanceof StartError) || error.again === undefined || attempt === 20) throw error;
          // Once the address is known to others, the port has to come free again.
          if (error.again === 'other port' && !settled) port = await freePort(0);
          else await sleep(500);
        }
      }
    };
    const keeper = keepRunning(await start(), start, log);
    settled = true;
    const url = writeAddress(place, password, port);
    await ensureDatabase(url).catch(async (error: unknown) => {
      await keeper.stop();
      throw error;
    });
    log.info({ port, milliseconds: Date.now() - started }, 'The embedded PostgreSQL is running');
    const stop = async (): Promise<void> => {
      await keeper.stop();
      release();
    };
    return { url, stop };
  } catch (error) {
    release();
    throw error;
  }
}

/** Makes the data folder; its real path names it, however it was reached. */
function openFolder(dataFolder: string): string {
  try {
    mkdirSync(dataFolder, { recursive: true });
    accessSync(dataFolder, constants.W_OK | constants.X_OK);
    return realpathSync(dataFolder);
  } catch (error) {
    throw new DatabaseError(
      `The data folder ${path.resolve(dataFolder)} cannot be written by this user. Choose another with EASY11_DATA_DIR.`,
      { cause: error },
    );
  }
}

interface Address {
  readonly password: string;
  readonly port: number;
}

function readAddress(place: Place): Address | undefined {
  if (!existsSync(place.addressFile)) return undefined;
  const text = readFileSync(place.addressFile, 'utf8').trim();
  if (!URL.canParse(text)) return undefined;
  const { password, port } = new URL(text);
  return password === '' ? undefined : { password, port: Number(port) };
}

function writeAddress(place: Place, password: string, port: number): string {
  const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE_NAME}`;
  writeFileSync(place.addressFile, `${url}\n`, { mode: 0o600 });
  return url;
}

/**
 * A free port of the loopback address: the preferred one, so that the address stays, or another at random. A port that the system
 * chooses would be somebody's outgoing connection at the next start, now and then.
 */
async function freePort(preferred: number): Promise<number> {
  const tryPort = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const probe = createServer();
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
      });
    });
  const atRandom = (): number => PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
  for (const port of [preferred, ...Array.from({ length: 20 }, atRandom)]) {
    const free = port === 0 ? undefined : await tryPort(port).catch(() => undefined); // taken
    if (free !== undefined) return free;
  }
  return tryPort(0);
}

async function ensureDatabase(url: string): Promise<void> {
  const administration = new URL(url);
  administration.pathname = '/postgres';
  const client = new pg.Client({ connectionString: administration.toString() });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  } finally {
    await client.end();
  }
}
