import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface KeptSecret {
  readonly secret: string;
  /** The file that has it. */
  readonly file: string;
}

/**
 * A secret that is made once and kept in the data directory, readable by its owner alone: `bytes` random bytes as hexadecimal
 * digits. Two processes that start at once agree on one, and neither reads a file that is only half written. Throws what the
 * file system throws, and an Error for a file that holds no such secret.
 */
export async function keptSecret(dataDirectory: string, name: string, bytes: number): Promise<KeptSecret> {
  const file = path.resolve(dataDirectory, name);
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(bytes).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const secret = (await readFile(file, 'utf8')).trim();
  // An empty key would sign whatever anybody likes.
  if (!/^\S{16,}$/.test(secret)) throw new Error(`${file} holds no secret: remove it, and a new one is made`);
  return { secret, file };
}
