import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AlsModel } from '../../../core';
import type { Database } from '../../../platform/database';
import * as store from '../store/models';

/** Pieces of this size go through a statement without holding up anybody. */
const PART = 4 << 20;

/**
 * The files of models: the database has them in pieces, for every process to load, and this machine keeps those that it answers
 * from in a folder, where the engine maps them.
 */
export class ModelFiles {
  constructor(
    private readonly database: Pick<Database, 'pool' | 'transaction'>,
    private readonly folder: string,
  ) {}

  /** Writes a model to the database. Resolves to its size in bytes. */
  async store(version: number, model: AlsModel): Promise<number> {
    await mkdir(this.folder, { recursive: true });
    const file = path.join(this.folder, `${version}-${process.pid}.saving`);
    try {
      await model.save(file);
      return await this.database.transaction(async (client) => {
        await store.deleteParts(client, version);
        let [part, bytes] = [0, 0];
        for await (const piece of createReadStream(file, { highWaterMark: PART }) as AsyncIterable<Buffer>) {
          await store.insertPart(client, version, part++, piece);
          bytes += piece.length;
        }
        return bytes;
      });
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Loads a model, from this machine if it is there. Throws what reading and loading throw. */
  async load(version: number): Promise<AlsModel> {
    await mkdir(this.folder, { recursive: true });
    const file = this.#fileOf(version);
    if (await isThere(file)) {
      try {
        return await AlsModel.load(file);
      } catch {
        // Cut short or damaged: the database has it whole.
        await rm(file, { force: true });
      }
    }
    await this.#fetch(version, file);
    return AlsModel.load(file);
  }

  /** Removes from this machine what it does not answer from. */
  async forgetOthers(version: number): Promise<void> {
    const kept = path.basename(this.#fileOf(version));
    for (const name of await readdir(this.folder))
      if (/^\d+\.als$/.test(name) && name !== kept) await rm(path.join(this.folder, name), { force: true });
  }

  #fileOf(version: number): string {
    return path.join(this.folder, `${version}.als`);
  }

  async #fetch(version: number, file: string): Promise<void> {
    const loading = `${file}-${process.pid}.loading`;
    try {
      const target = await open(loading, 'w');
      try {
        for (let part = 0; ; part++) {
          const piece = await store.readPart(this.database.pool, version, part);
          if (!piece) {
            if (part === 0) throw new Error(`The file of version ${version} is not in the database`);
            break;
          }
          await target.write(piece);
        }
      } finally {
        await target.close();
      }
      await rename(loading, file);
    } finally {
      await rm(loading, { force: true });
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
