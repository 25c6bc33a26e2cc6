import { chmodSync, existsSync, lstatSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { makeShelter, mayEnter, type Account } from './account';

/** Where root keeps what its unprivileged account must reach, when the project itself lies in a folder closed to it. */
export const SHELTER = '/var/lib/easy11';

/** The files of one embedded database. */
export interface Place {
  /** The folder that the cluster lies in, and PostgreSQL's account may enter: the data folder, or one in the shelter. */
  readonly home: string;
  /** PostgreSQL's own data folder, below `home`. */
  readonly cluster: string;
  /** Says which process owns the database. */
  readonly ownerFile: string;
  /** The address with the password, readable by the owner alone. */
  readonly addressFile: string;
  /** What the server itself writes. */
  readonly logFile: string;
}

/**
 * Chooses the place of the database of a data folder, which exists. The cluster lies in the data folder itself,
 * except when we are root and the account that PostgreSQL runs as may not go there (a project in /root): then in a
 * folder of its own below `shelter`, and a link named `postgres` in the data folder leads to it. Deleting the link (or
 * the data folder) abandons that cluster; a new one gets a new folder.
 */
export function choosePlace(dataFolder: string, account: Account | undefined, shelter = SHELTER): Place {
  const home = mayEnter(account, dataFolder) && !isLink(dataFolder) ? dataFolder : shelteredHome(dataFolder, shelter);
  return {
    home,
    cluster: path.join(home, 'postgres'),
    ownerFile: path.join(dataFolder, 'postgres.pid'),
    addressFile: path.join(dataFolder, 'postgres.url'),
    logFile: path.join(dataFolder, 'postgres.log'),
  };
}

const linkOf = (dataFolder: string): string => path.join(dataFolder, 'postgres');
const isLink = (dataFolder: string): boolean =>
  lstatSync(linkOf(dataFolder), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

function shelteredHome(dataFolder: string, shelter: string): string {
  const link = linkOf(dataFolder);
  if (isLink(dataFolder)) {
    const home = path.dirname(readlinkSync(link));
    if (existsSync(home)) return home;
    rmSync(link);
  }
  makeShelter(shelter);
  const home = mkdtempSync(path.join(shelter, 'database-'));
  chmodSync(home, 0o755); // the cluster inside is closed to all but its account
  symlinkSync(path.join(home, 'postgres'), link);
  return home;
}
