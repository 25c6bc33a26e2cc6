import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const TSX = ['--import', 'tsx', 'src/cli/start.ts'];

/** Runs the start command until it ends by itself or, once `stopAt` was printed, by SIGTERM. */
async function start(env: Record<string, string>, stopAt?: string): Promise<{ code: number | null; output: string }> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'easy11-start-'));
  await chmod(data, 0o755);
  const child = spawn(process.execPath, TSX, {
    cwd: root,
    env: { ...process.env, REDIS_URL: '', PORT: '0', EASY11_DATA_DIR: data, EASY11_DEMO_PRODUCTS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let asked = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (stopAt === undefined || asked || !output.includes(stopAt)) return;
      asked = true;
      child.kill('SIGTERM');
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  await rm(data, { recursive: true, force: true });
  return { code, output };
}

describe('the start command', () => {
  test.each([
    ['a setting', { PORT: 'http' }, 'PORT must be a whole number from 0 to 65535'],
    [
      'the engine that was asked for',
      { EASY11_BACKEND: 'native', EASY11_ADDON_PATH: '/nowhere.node' },
      'the native addon did not load',
    ],
    ['production without a database', { NODE_ENV: 'production', DATABASE_URL: '' }, 'DATABASE_URL must be set'],
  ])('says what is wrong with %s and ends with 1', async (_what, env, sentence) => {
    const { code, output } = await start(env);
    expect(output).toContain('Easy11 cannot start');
    expect(output).toContain(sentence);
    expect(output).not.toContain('    at '); // no stack for what is explained
    expect(code).toBe(1);
  });

  test('ends when told to, even while it waits for a database that is away', async () => {
    const away = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/shop' };
    const { code, output } = await start(away, 'connecting to the database');
    // Had it gone on waiting, it would have ended with 1, and said why.
    expect(code).toBe(0);
    expect(output).not.toContain('Cannot use the database');
  });
});
