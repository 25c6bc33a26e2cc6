import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { createSandboxGateway, type GatewayUnavailable } from '../../../src/contexts/payments';
import { draw, faultOf, faultsSchema } from '../../../src/sandbox-provider/faults';
import { READY_LINE, startSandboxProcess } from '../../../src/sandbox-provider/child';
import { eventually } from '../../support/app';
import { startSandbox } from '../../support/sandbox';

const root = path.resolve(__dirname, '../../..');
const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const request = (key: string, token = 'tok_success') =>
  ({
    key,
    token,
    amount: { amount: 500, currency: 'GBP' },
    method: 'card',
    orderId: 'ord_1',
    returnUrl: null,
    openedAt: new Date(),
  }) as const;

function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // there is no such process
  }
};

describe('the sandbox provider', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-sandbox-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('keeps its books through a kill, answers old keys as before, and ends what was pending', async () => {
    const journal = path.join(folder, 'not-there-yet', 'books.jsonl');
    const first = await startSandbox(journal);
    await first.control({ faults: { pendingMs: 1_000 } });
    const paid = await first.gateway.authorise(request('a'), signal());
    await first.gateway.capture({ key: 'b', providerId: paid.providerId, amount: paid.amount }, signal());
    const waits = await first.gateway.authorise(request('c', 'tok_pending_success'), signal());
    process.kill(first.pid, 'SIGKILL');
    // What was being written when it died was never answered.
    await appendFile(journal, '{"payment":{"id":"sbx_half');
    for (let round = 0; round < 2; round++) {
      const again = await startSandbox(journal);
      expect(await again.gateway.authorise(request('a'), signal())).toEqual(paid);
      const find = async (providerId: string) => (await again.gateway.find({ key: '', providerId }, signal()))!.status;
      expect(await find(paid.providerId)).toBe('captured');
      await eventually(60_000, async () => (await find(waits.providerId)) === 'authorised');
      expect(await again.books()).toHaveLength(2);
      await again.close();
    }
  });

  test('ends with its parent, however that ends', async () => {
    const parent = run('test/contexts/payments/sandbox-parent.ts', []);
    await eventually(60_000, async () => parent.output().includes('\n'));
    const { url, pid } = JSON.parse(parent.output()) as { url: string; pid: number };
    expect(isAlive(pid)).toBe(true);
    parent.child.kill('SIGKILL');
    await parent.ended;
    await eventually(60_000, async () => !isAlive(pid));
    await expect(fetch(`${url}/stats`)).rejects.toThrow('fetch failed');
  });

  test('that cannot be started says so to whoever needs it, and closing it is no error', async () => {
    const { execPath } = process;
    process.execPath = path.join(folder, 'no-such-program');
    const none = startSandboxProcess({ log: pino({ level: 'silent' }) });
    process.execPath = execPath;
    await expect(none.url).rejects.toMatchObject({ code: 'ENOENT' });
    await none.close();
  });

  // Where the system shows what a process was given.
  (process.platform === 'linux' ? test : test.skip)('is given its own secret and none of ours', async () => {
    process.env.STRIPE_SECRET_KEY = 'sk_of_the_shop';
    const sandbox = await startSandbox();
    delete process.env.STRIPE_SECRET_KEY;
    const given = (await readFile(`/proc/${sandbox.pid}/environ`, 'utf8')).split('\0');
    expect(given).toContain(`EASY11_SANDBOX_SECRET=${sandbox.secret}`);
    expect(given.filter((line) => /STRIPE|DATABASE_URL/.test(line))).toEqual([]);
    await sandbox.close();
  });

  test('is closed to whoever does not know the secret', async () => {
    const sandbox = await startSandbox();
    for (const where of ['/books', '/stats', '/v1/payments?key=a'])
      expect((await fetch(sandbox.url + where, { headers: { Authorization: 'Bearer whsec_' } })).status).toBe(401);
    const stranger = createSandboxGateway({ url: sandbox.url, secret: 'whsec_of_somebody_else' });
    // Whether there is money under the key is not known: a secret that was changed must not undo an order.
    const unknown = { name: 'GatewayUnavailable', reason: 'unauthorised' };
    await expect(stranger.authorise(request('a'), signal())).rejects.toMatchObject(unknown);
    await expect(stranger.find({ key: 'a', providerId: null }, signal())).rejects.toMatchObject(unknown);
    await sandbox.close();
  });

  test('behind a gate that lets nobody through (403), or has too much to do (429), says nothing of the money', async () => {
    let status = 403;
    const gate = createServer((_req, res) => void res.writeHead(status).end('{"code":"no","detail":"not today"}'));
    gate.listen(0, '127.0.0.1');
    await once(gate, 'listening');
    const url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
    const gateway = createSandboxGateway({ url, secret: 'whsec_' });
    const refused = { name: 'GatewayUnavailable', reason: 'unauthorised' };
    await expect(gateway.authorise(request('a'), signal())).rejects.toMatchObject(refused);
    await expect(gateway.find({ key: 'a', providerId: null }, signal())).rejects.toMatchObject(refused);
    status = 429;
    await expect(gateway.authorise(request('a'), signal())).rejects.toMatchObject({ ...refused, reason: 'busy' });
    gate.closeAllConnections();
    gate.close();
  });

  test('as a command says where it is and what the shop has to be told', async () => {
    const command = run('src/cli/sandbox-provider.ts', ['--port', '0', '--faults', '{"seed":3}'], {
      EASY11_SANDBOX_SECRET: '',
    });
    await eventually(60_000, async () => READY_LINE.test(command.output()));
    expect(command.output()).toMatch(/EASY11_SANDBOX_URL=http:\S+ EASY11_SANDBOX_SECRET=whsec_\S+/);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  test.each([
    [['--port', 'x'], '--port must be a number'],
    [['--faults', '{"typo":1}'], '--faults is not usable'],
    [['--webhook', 'nowhere'], '--webhook must be an address'],
    [['--colour', 'red'], "Unknown option '--colour'"],
  ])('as a command refuses %j', async (args, sentence) => {
    const command = run('src/cli/sandbox-provider.ts', args);
    expect(await command.ended).toBe(1);
    expect(command.output()).toContain(sentence);
    expect(command.output()).not.toContain('    at ');
  });
});

describe('the faults of the sandbox', () => {
  test('are the same at every run with a seed, others with another, and as many as was asked for', () => {
    const faults = faultsSchema.parse({ seed: 5, timeoutAfter: 0.08, errorBefore: 0.05, errorAfter: 0.04 });
    const fates = (seed: number) =>
      Array.from({ length: 10_000 }, (_, index) => faultOf({ ...faults, seed }, `key ${index}`, 1));
    expect(fates(5)).toEqual(fates(5));
    expect(fates(5)).not.toEqual(fates(6));
    const share = (fault: string) => fates(5).filter((fate) => fate === fault).length / 10_000;
    expect(share('timeout-after')).toBeCloseTo(0.08, 1.9);
    expect(share('error-before')).toBeCloseTo(0.05, 1.9);
    expect(share('error-after')).toBeCloseTo(0.04, 1.9);
  });

  test('of the next attempt are others: whoever repeats a call gets through in the end', () => {
    const faults = faultsSchema.parse({ errorAfter: 0.5 });
    const fates = Array.from({ length: 100 }, (_, attempt) => faultOf(faults, 'key', attempt));
    expect(new Set(fates)).toEqual(new Set([undefined, 'error-after']));
    expect(draw(1, 'a', 'b')).not.toBe(draw(1, 'ab'));
  });

  test('are those of a card, where the token names one, whatever the shop calls its payment', async () => {
    const faults = { seed: 3, errorBefore: 0.2, errorAfter: 0.2, decline: 0.3 };
    const lives = async (name: string): Promise<string[]> => {
      const provider = await startSandbox();
      await provider.control({ faults });
      const live = async (card: number): Promise<string> => {
        const ends: string[] = [];
        const key = `${name} ${card}`;
        const insist = async <T extends { readonly status: string }>(
          call: () => Promise<T>,
        ): Promise<T | undefined> => {
          for (let tries = 0; tries < 50; tries++)
            try {
              const done = await call();
              ends.push(done.status);
              return done;
            } catch (error) {
              ends.push((error as GatewayUnavailable).reason);
            }
          return undefined;
        };
        const asked = request(`${key} authorise`, `tok_success#card ${card}`);
        const paid = await insist(() => provider.gateway.authorise(asked, signal()));
        if (paid?.status !== 'authorised') return ends.join(' ');
        const { providerId, amount } = paid;
        await insist(() => provider.gateway.capture({ key: `${key} capture`, providerId, amount }, signal()));
        return ends.join(' ');
      };
      const all = await Promise.all(Array.from({ length: 40 }, (_, card) => live(card)));
      const declined = await provider.gateway.authorise(request('none', 'tok_declined#card'), signal());
      expect(declined.declineCode).toBe('card_declined');
      await provider.close();
      return all;
    };
    const ends = await lives('one');
    expect(await lives('another')).toEqual(ends);
    expect(ends).toContain('server-error declined');
    expect(ends).toContain('authorised captured');
    expect(ends).toContainEqual(expect.stringMatching(/^authorised (server-error )+captured$/));
  });
});
