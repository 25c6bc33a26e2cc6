import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { findNativeFolder, healLinks } from './binaries';
import { ownerOf } from './ownership';

/** What there is in a data folder, without starting anything. */
export interface EmbeddedState {
  /** Whether the database has been made. */
  readonly exists: boolean;
  /** The real folder of the cluster: outside the data folder when root's helper account may not go there. */
  readonly cluster: string;
  /** The process that runs it now, and the address to reach it at. */
  readonly running: { readonly pid: number; readonly command: string; readonly url: string } | undefined;
}

/** Looks at the embedded database of a data folder. */
export function inspectEmbedded(dataFolder: string): EmbeddedState {
  const file = (name: string): string => path.join(path.resolve(dataFolder), name);
  const owner = ownerOf(file('postgres.pid'));
  const url = existsSync(file('postgres.url')) ? readFileSync(file('postgres.url'), 'utf8').trim() : undefined;
  const exists = existsSync(path.join(file('postgres'), 'PG_VERSION'));
  return {
    exists,
    cluster: exists ? realpathSync(file('postgres')) : file('postgres'),
    running: owner === undefined || url === undefined ? undefined : { ...owner, url },
  };
}

/** The version of the programs from npm, asked of themselves: throws when they are missing or do not run here. */
export function embeddedVersion(): string {
  const { folder } = findNativeFolder();
  healLinks(folder);
  return execFileSync(path.join(folder, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' }).trim();
}
