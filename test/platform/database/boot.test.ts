import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { DatabaseError, openDatabase } from '../../../src/platform/database';
import { startEmbedded } from '../../../src/platform/database/embedded';
import { until } from '../outbox/support';

let folder: string;
let url: string;
let lines: { msg: string; reason?: string }[] = [];
const log = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });

const open = (address: string, patience?: number): ReturnType<typeof openDatabase> =>
  openDatabase({ DATABASE_URL: address, EASY11_DATA_DIR: folder, EASY11_DATABASE_POOL: 2 }, log, patience);
const replace = (change: (address: URL) => void): string => {
  const address = new URL(url);
  change(address);
  return address.toString();
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'easy11-boot-'));
  chmodSync(folder, 0o755);
  const server = await startEmbedded(folder, log);
  url = server.url;
  await server.stop();
});

beforeEach(() => (lines = []));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Answers the first connections as a server in recovery does, then lets them through to the real one. */
async function recoveringServer(refusals: number): Promise<{ address: string; close: () => Server }> {
  const message = 'SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0';
  const answer = Buffer.concat([Buffer.from('E'), Buffer.alloc(4), Buffer.from(message)]);
  answer.writeInt32BE(answer.length - 1, 1);
  let left = refusals;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    left -= 1;
    if (left >= 0) return void socket.once('data', () => socket.end(answer));
    const real = connect(Number(new URL(url).port), '127.0.0.1');
    real.on('error', () => socket.destroy());
    socket.pipe(real).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: replace((to) => (to.port = String(port))), close: () => server.close() };
}

describe('opening the database', () => {
  it('waits for a server that is not up yet, and says so', async () => {
    const opening = open(url);
    await until('it says so', () => lines.some(({ msg }) => msg.startsWith('Waiting')));
    const server = await startEmbedded(folder, log);
    const database = await opening;
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    await server.stop();
    expect(lines.find(({ msg }) => msg.startsWith('Waiting'))).toMatchObject({ reason: 'ECONNREFUSED' });
    expect(lines.map(({ msg }) => msg)).toContain('The database answers');
    expect(JSON.stringify(lines)).not.toContain(new URL(url).password);
  });

  it('waits for a server that recovers from a crash', async () => {
    const server = await startEmbedded(folder, log);
    const recovering = await recoveringServer(3);
    const database = await open(recovering.address);
    expect(lines.find(({ msg }) => msg.startsWith('Waiting'))).toMatchObject({ reason: '57P03' });
    await database.close();
    recovering.close();
    await server.stop();
  });

  it('gives up when its patience ends, and names what does not answer without the password', async () => {
    const error = await open(url, 500).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(String(error)).toMatch(
      /Cannot use the database postgresql:\/\/easy11:\*\*\*@127.0.0.1.*ECONNREFUSED.*listens/,
    );
    expect(String(error)).not.toContain(new URL(url).password);
  });

  it('does not wait for what will not change: a wrong password, a database that is not there', async () => {
    const server = await startEmbedded(folder, log);
    await expect(open(replace((to) => (to.password = 'guess')))).rejects.toThrow(/password in DATABASE_URL is wrong/);
    await expect(open(replace((to) => (to.pathname = '/nowhere')))).rejects.toThrow(/has no database of that name/);
    expect(lines.filter(({ msg }) => msg.startsWith('Waiting'))).toEqual([]);
    await server.stop();
  });
});
