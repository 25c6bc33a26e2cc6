import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded, type EmbeddedServer } from '../../../src/platform/database/embedded';
import { accountForServer } from '../../../src/platform/database/embedded/account';
import { isAlive, startOf } from '../../../src/platform/database/embedded/processes';

// Whole processes are started here: on a busy machine that takes its time.
jest.setTimeout(180_000);

const log = pino({ level: 'silent' });
const root = process.getuid?.() === 0;
const itAsRoot = root ? it : it.skip;
let folder: string;
let running: ChildProcess[] = [];

const inFolder = (name: string): string => path.join(folder, name);
const serverPid = (): number => Number(readFileSync(inFolder('postgres/postmaster.pid'), 'utf8').split('\n')[0]);

/** Starts another process that owns the database of the folder, and waits until it has it. */
async function startOwner(env: NodeJS.ProcessEnv = {}, options: { uid?: number; gid?: number } = {}): Promise<Owner> {
  const program = [require.resolve('tsx/cli'), path.resolve(__dirname, '../../support/embedded-owner.ts')];
  const child = spawn(process.execPath, program, {
    ...options,
    env: { PATH: process.env.PATH, EASY11_DATA_DIR: folder, ...env },
    stdio: 'pipe',
  });
  running.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (errors += text));
  while (!output.includes('\n')) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(errors.trim());
    await sleep(10);
  }
  const { url, kind } = JSON.parse(output) as { url: string; kind: string };
  // tsx runs the program in a child of its own: that one is the owner.
  const pid = kind === 'embedded' ? Number(readFileSync(inFolder('postgres.pid'), 'utf8').split(' ')[0]) : 0;
  return { child, pid, url, kind, ended: once(child, 'exit') };
}

interface Owner {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly kind: string;
  readonly ended: Promise<unknown>;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the server is killed under it
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function eventually<T>(what: () => Promise<T> | T, within = 60_000): Promise<T> {
  for (const started = Date.now(); ;) {
    try {
      const value = await what();
      if (value) return value;
    } catch (error) {
      if (Date.now() - started > within) throw error;
    }
    if (Date.now() - started > within) throw new Error('it did not happen in time');
    await sleep(50);
  }
}

const killAndWait = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGKILL');
  await eventually(() => !isAlive(pid));
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'easy11-embedded-'));
  chmodSync(folder, 0o755);
  const server = await startEmbedded(folder, log);
  await query(server.url, 'create table notes (text text)');
  await server.stop();
});

afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.stdin?.end('close\n');
    await once(child, 'exit');
  }
  running = [];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the embedded PostgreSQL', () => {
  it('keeps what was committed, and its address, from one start to the next', async () => {
    const first = await startEmbedded(folder, log);
    await query(first.url, `insert into notes values ('kept')`);
    await first.stop();
    const second = await startEmbedded(folder, log);
    expect(await query(second.url, `select text from notes where text = 'kept'`)).toEqual([{ text: 'kept' }]);
    expect(second.url).toBe(first.url);
    await second.stop();
  });

  it('is durable, listens to this machine only and wants a password that only its owner can read', async () => {
    const server = await startEmbedded(folder, log);
    try {
      const rows = await query(
        server.url,
        `select name, setting from pg_settings where name in
         ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories') order by name`,
      );
      expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
        fsync: 'on',
        full_page_writes: 'on',
        listen_addresses: '127.0.0.1',
        synchronous_commit: 'on',
        unix_socket_directories: '',
      });
      const stranger = new URL(server.url);
      stranger.password = 'guess';
      await expect(query(stranger.toString(), 'select 1')).rejects.toThrow(/password authentication failed/);
      for (const file of ['postgres.url', 'postgres.log']) expect(statSync(inFolder(file)).mode & 0o077).toBe(0);
      expect(statSync(inFolder('postgres')).mode & 0o077).toBe(0);
    } finally {
      await server.stop();
    }
  });

  it('refuses a second process and names the first, which can be joined through its address', async () => {
    const owner = await startOwner();
    await expect(startEmbedded(folder, log)).rejects.toThrow(
      new RegExp(`in use by process ${owner.pid} \\(.*embedded-owner.*DATABASE_URL=\\$\\(cat .*postgres\\.url\\)`),
    );
    const url = readFileSync(inFolder('postgres.url'), 'utf8').trim();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const second = await startOwner({ DATABASE_URL: url });
    expect(second.kind).toBe('external');
  });

  it('refuses a second start in the same process as well', async () => {
    const server = await startEmbedded(folder, log);
    await expect(startEmbedded(folder, log)).rejects.toThrow(/in use by this very process/);
    await server.stop();
  });

  it('stops the server of a killed process and goes on with what was committed', async () => {
    const owner = await startOwner();
    await query(owner.url, `insert into notes values ('before the kill')`);
    const orphan = serverPid();
    await killAndWait(owner.pid);
    expect(isAlive(orphan)).toBe(true);
    const server = await startEmbedded(folder, log);
    expect(isAlive(orphan)).toBe(false);
    expect(await query(server.url, `select 1 as one from notes where text = 'before the kill'`)).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('recovers after its process and its server were killed together', async () => {
    const owner = await startOwner();
    await query(owner.url, `insert into notes values ('before the crash')`);
    const server = serverPid();
    process.kill(owner.pid, 'SIGKILL');
    await killAndWait(server);
    const again = await startEmbedded(folder, log);
    expect(await query(again.url, `select 1 as one from notes where text = 'before the crash'`)).toEqual([{ one: 1 }]);
    await again.stop();
  });

  it('is started again when only the server was killed', async () => {
    const server = await startEmbedded(folder, log);
    const killed = serverPid();
    process.kill(killed, 'SIGKILL');
    expect(await eventually(() => query(server.url, 'select 1 as one'))).toEqual([{ one: 1 }]);
    expect(serverPid()).not.toBe(killed);
    await server.stop();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with a process that %s ends', async (signal) => {
    const owner = await startOwner();
    const server = serverPid();
    process.kill(owner.pid, signal);
    await owner.ended;
    expect(isAlive(server)).toBe(false);
    expect(existsSync(inFolder('postgres/postmaster.pid'))).toBe(false);
  });

  it('ends after a process that exits without closing it', async () => {
    const owner = await startOwner();
    const server = serverPid();
    owner.child.stdin?.write('exit\n');
    await owner.ended;
    await eventually(() => !isAlive(server));
  });

  it('takes over from a process whose number now belongs to another one', async () => {
    writeFileSync(inFolder('postgres.pid'), `${process.ppid} some other start\n`);
    const server = await startEmbedded(folder, log);
    expect(readFileSync(inFolder('postgres.pid'), 'utf8')).toBe(`${process.pid} ${startOf(process.pid)}\n`);
    await server.stop();
    expect(existsSync(inFolder('postgres.pid'))).toBe(false);
  });

  it('starts although the number in an old postmaster.pid belongs to another program', async () => {
    writeFileSync(inFolder('postgres/postmaster.pid'), `${process.pid}\n${inFolder('postgres')}\n0\n1\n\n\n\nready\n`);
    const server = await startEmbedded(folder, log);
    expect(serverPid()).not.toBe(process.pid);
    await server.stop();
  });

  it('goes to another port when its own was taken', async () => {
    const port = Number(new URL(readFileSync(inFolder('postgres.url'), 'utf8')).port);
    const net = await import('node:net');
    const squatter = net.createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const server = await startEmbedded(folder, log);
    expect(new URL(server.url).port).not.toBe(String(port));
    await server.stop();
    squatter.close();
  });

  it('gets a new password when its address was lost, and keeps its data', async () => {
    const before = await startEmbedded(folder, log);
    await query(before.url, `insert into notes values ('before the loss')`);
    await before.stop();
    rmSync(inFolder('postgres.url'));
    const after = await startEmbedded(folder, log);
    expect(new URL(after.url).password).not.toBe(new URL(before.url).password);
    expect(await query(after.url, `select 1 as one from notes where text = 'before the loss'`)).toEqual([{ one: 1 }]);
    await after.stop();
  });

  it('makes its database anew when the first start was killed halfway', async () => {
    const halfway = mkdtempSync(path.join(tmpdir(), 'easy11-halfway-'));
    chmodSync(halfway, 0o755);
    mkdirSync(path.join(halfway, 'postgres.new', 'base'), { recursive: true });
    const server = await startEmbedded(halfway, log);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    rmSync(halfway, { recursive: true });
  });

  it('refuses a cluster of another major version in words', async () => {
    const file = inFolder('postgres/PG_VERSION');
    const version = readFileSync(file);
    writeFileSync(file, '17\n');
    await expect(startEmbedded(folder, log)).rejects.toThrow(/made by PostgreSQL 17, and this is PostgreSQL 18/);
    writeFileSync(file, version);
    expect(existsSync(inFolder('postgres.pid'))).toBe(false);
  });

  it('tells the end of the server log when it cannot start', async () => {
    const settings = { shared_buffers: 'many' };
    await expect(startEmbedded(folder, log, { settings })).rejects.toThrow(
      /did not start.*invalid value.*shared_buffers/s,
    );
  });
});

describe('the embedded PostgreSQL under root', () => {
  itAsRoot('runs as an account without power', async () => {
    const server = await startEmbedded(folder, log);
    expect(statSync(`/proc/${serverPid()}`).uid).not.toBe(0);
    await server.stop();
  });

  itAsRoot('puts its cluster where that account may go, when the data folder is closed to it', async () => {
    const closed = mkdtempSync(path.join(tmpdir(), 'easy11-closed-')); // mode 0700, as /root has
    const data = path.join(closed, 'project', '.easy11');
    let server: EmbeddedServer | undefined;
    try {
      server = await startEmbedded(data, log);
      await query(server.url, 'create table notes (text text)');
      expect(realpathSync(path.join(data, 'postgres'))).toMatch(/^\/var\/lib\/easy11\/database-/);
      await server.stop();
      server = await startEmbedded(data, log);
      expect(await query(server.url, 'select * from notes')).toEqual([]);
    } finally {
      await server?.stop();
      rmSync(path.dirname(realpathSync(path.join(data, 'postgres'))), { recursive: true });
      rmSync(closed, { recursive: true });
    }
  });

  itAsRoot('says what is missing on a machine without such an account', () => {
    const passwords = inFolder('passwd');
    writeFileSync(passwords, 'root:x:0:0:root:/root:/bin/bash\nnode:x:1000:1000::/home/node:/bin/sh\n');
    expect(() => accountForServer(passwords)).toThrow(/no account postgres or nobody.*DATABASE_URL/);
  });

  itAsRoot('is not needed: an ordinary user runs it as himself', async () => {
    const nobody = { uid: 65534, gid: 65534 };
    const shared = folder;
    folder = mkdtempSync(path.join(tmpdir(), 'easy11-ordinary-'));
    chmodSync(folder, 0o777);
    try {
      const owner = await startOwner({}, nobody);
      expect(statSync(inFolder('postgres')).uid).toBe(nobody.uid);
      expect(await query(owner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      owner.child.stdin?.end('close\n');
      await owner.ended;
      chmodSync(folder, 0o555);
      rmSync(inFolder('postgres.url'));
      await expect(startOwner({}, nobody)).rejects.toThrow(/cannot be written by this user.*EASY11_DATA_DIR/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      folder = shared;
    }
  });
});
