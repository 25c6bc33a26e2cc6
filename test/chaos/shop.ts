import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { overHttp, type Shop } from '../contexts/orders/shop';
import { ADMIN_TOKEN, TEST_POOL } from '../support/app';
import { watchInbox } from '../support/consumers';
import { startSandbox, type Sandbox } from '../support/sandbox';
import { MortalServer } from './mortal';

/** A shop in a process of its own, which runs and may be killed, and the provider beside it. */
export interface MortalShop {
  readonly server: MortalServer;
  readonly sandbox: Sandbox;
  readonly shop: Omit<Shop, 'app'>;
  /** Another process of the same shop, on the same database or on another way to it. It is ended with the first. */
  another(databaseUrl: string): Promise<MortalServer>;
  close(): Promise<void>;
}

/** Starts one on a database. `built` runs what `npm start` runs, out of dist/, instead of the sources. */
export async function openMortalShop(url: string, pool: pg.Pool, built: boolean): Promise<MortalShop> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-chaos-'));
  const sandbox = await startSandbox();
  const servers: MortalServer[] = [];
  const create = async (databaseUrl: string): Promise<MortalServer> => {
    const server = await MortalServer.create(
      {
        NODE_ENV: 'test',
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        EASY11_DATABASE_POOL: TEST_POOL,
        EASY11_DATA_DIR: path.join(folder, String(servers.length)),
        EASY11_ADMIN_TOKEN: ADMIN_TOKEN,
        EASY11_DEMO_PRODUCTS: '0',
        EASY11_RATE_LIMIT: '0',
        EASY11_SHED_DELAY: '0',
        EASY11_ANALYTICS_MINUTES: '0',
        EASY11_TRAINING_HOURS: '0',
        EASY11_PAYMENTS: 'sandbox',
        EASY11_SANDBOX_URL: sandbox.url,
        EASY11_SANDBOX_SECRET: sandbox.secret,
        LOG_LEVEL: 'fatal',
      },
      built,
    );
    servers.push(server);
    return server;
  };
  const close = async (): Promise<void> => {
    for (const server of servers) await server.stop();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const server = await create(url);
    await server.start();
    await watchInbox(pool);
    await sandbox.control({ webhookUrl: `${server.url}/v1/webhooks/payments/sandbox` });
    const shop = overHttp({ adminToken: ADMIN_TOKEN, close }, sandbox, () => server.url, pool);
    return { server, sandbox, shop, another: create, close };
  } catch (error) {
    await close();
    throw error;
  }
}
