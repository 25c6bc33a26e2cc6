import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { AlsModel } from '../../../core';
import type { Database } from '../../../platform/database';
import * as store from '../store/models';

/** What a row has of a file. */
const PART = 4 << 20;
/** What a process that answers reads at once: all of a row would hold it up for tens of milliseconds. */
const PIECE = 256 << 10;

/**
 * The files of models: the database has them in pieces, for every process to load, and this machine keeps those that it answers
 * from in a folder, where the engine maps them.
 */
export class ModelFiles {
  constructor(
    private readonly database: Pick<Database, 'pool' | 'transaction'>,
    private readonly folder: string,
  ) {}

  /**
   * Writes a model to the database, and what `finish` writes in the same transaction: where that throws, nothing is stored. This
   * machine keeps the file of one that is active then. Resolves to what `finish` does.
   */
  async store(
    version: number,
    model: AlsModel,
    finish: (client: pg.PoolClient, bytes: number) => Promise<'active' | 'candidate'>,
  ): Promise<'active' | 'candidate'> {
    await mkdir(this.folder, { recursive: true });
    const file = path.join(this.folder, `${version}-${process.pid}.saving`);
    try {
      await model.save(file);
      const finished = await this.database.transaction(async (client) => {
        await store.deleteParts(client, version);
        let [part, bytes] = [0, 0];
        for await (const piece of createReadStream(file, { highWaterMark: PART }) as AsyncIterable<Buffer>) {
          await store.insertPart(client, version, part++, piece);
          bytes += piece.length;
        }
        return finish(client, bytes);
      });
      if (finished === 'active') await rename(file, this.#fileOf(version));
      return finished;
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

  /** Removes from this machine what it does not answer from, and what a process that was ended left of older versions. */
  async forgetOthers(version: number): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const [, of, rest] = /^(\d+)(\.als|.*\.saving|.*\.loading)$/.exec(name) ?? [];
      if (rest === '.als' ? Number(of) !== version : Number(of) < version)
        await rm(path.join(this.folder, name), { force: true });
    }
  }

  #fileOf(version: number): string {
    return path.join(this.folder, `${version}.als`);
  }

  async #fetch(version: number, file: string): Promise<void> {
    const loading = `${file}-${process.pid}.loading`;
    try {
      const target = await open(loading, 'w');
      try {
        let part = 0;
        while (await this.#fetchPart(version, part, target)) part++;
        if (part === 0) throw new Error(`The file of version ${version} is not in the database`);
      } finally {
        await target.close();
      }
      await rename(loading, file);
    } finally {
      await rm(loading, { force: true });
    }
  }

  /** False where there is no such part. */
  async #fetchPart(version: number, part: number, target: FileHandle): Promise<boolean> {
    for (let from = 0; ; from += PIECE) {
      const piece = await store.readPart(this.database.pool, version, part, { from, length: PIECE });
      if (!piece) return false;
      await target.write(piece);
      if (piece.length < PIECE) return true;
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
