import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

/** When Redis brings its append-only file to the disk; `no`: it writes none. */
export type Durability = 'no' | 'everysec' | 'always';

/** Whether there is a redis-server on the path. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** Starts a Redis of its own, empty, on a free port. */
export async function startRedis(aof: Durability): Promise<{ port: number; pid: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-redis-'));
  const port = await freePort();
  const log = aof === 'no' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', aof];
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...log];
  const child = spawn('redis-server', options, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const probe = new Redis(port, { retryStrategy: () => 20, maxRetriesPerRequest: 500 });
  probe.on('error', () => undefined); // not up yet: it tries again
  await Promise.race([
    probe.ping(),
    ended.then(() => Promise.reject(new Error('redis-server ended before it answered'))),
  ]);
  probe.disconnect();
  return {
    port,
    pid: child.pid as number,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
