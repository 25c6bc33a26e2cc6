import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../log';
import { startEmbedded } from './embedded';

/**
 * Runs `work` with the address of an empty database that is removed afterwards: on the given server if there is one, else
 * on an embedded PostgreSQL in a temporary folder, so that a running shop's data folder is left alone.
 */
export async function withScratchDatabase<T>(
  server: string | undefined,
  log: Log,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (server !== undefined) return onServer(server, work);
  const folder = mkdtempSync(path.join(tmpdir(), 'easy11-scratch-'));
  chmodSync(folder, 0o755); // PostgreSQL runs as another account where we are root; the cluster in it is closed
  try {
    const embedded = await startEmbedded(folder, log, { settings: { fsync: 'off' } });
    try {
      return await onServer(embedded.url, work);
    } finally {
      await embedded.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onServer<T>(server: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = `easy11_scratch_${randomBytes(8).toString('hex')}`;
  const client = new pg.Client({ connectionString: server, application_name: 'easy11-scratch' });
  await client.connect();
  try {
    await client.query(`create database ${name} template template0`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    try {
      return await work(url.toString());
    } finally {
      await client.query(`drop database ${name} with (force)`);
    }
  } finally {
    await client.end();
  }
}
