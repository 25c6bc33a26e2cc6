import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseError } from '../boot';
import { commandOf, startOf } from './processes';

interface Owner {
  readonly pid: number;
  readonly started: string;
}

function readOwner(file: string): { text: string; owner: Owner | undefined } | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const match = /^(\d+) (.+)\n$/.exec(text);
  return { text, owner: match ? { pid: Number(match[1]), started: String(match[2]) } : undefined };
}

/** The process that owns the folder now; undefined if there is none or it is gone. */
export function ownerOf(file: string): { pid: number; command: string } | undefined {
  const owner = readOwner(file)?.owner;
  if (owner === undefined || startOf(owner.pid) !== owner.started) return undefined;
  return { pid: owner.pid, command: commandOf(owner.pid) ?? 'unknown' };
}

/**
 * Makes this process the owner of a folder, for as long as it lives: a file names its number and start. The file of a
 * process that is gone is taken over. Returns the function that gives the folder back.
 * Throws DatabaseError naming the owner when it lives.
 */
export function takeOwnership(file: string, hint: string): () => void {
  const mine = `${file}.${process.pid}`;
  const text = `${process.pid} ${startOf(process.pid) ?? 'unknown'}\n`;
  writeFileSync(mine, text);
  try {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      try {
        // A link appears with its content or not at all, and only if the name is free.
        linkSync(mine, file);
        return () => {
          if (readOwner(file)?.text === text) rmSync(file, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      removeIfAbandoned(file, hint);
    }
    throw new DatabaseError(`Could not take ${file}: other processes keep taking it`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeIfAbandoned(file: string, hint: string): void {
  const found = readOwner(file);
  if (found === undefined) return;
  const owner = ownerOf(file);
  if (owner !== undefined) {
    const who = owner.pid === process.pid ? 'this very process' : `process ${owner.pid} (${owner.command})`;
    throw new DatabaseError(`The embedded database is in use by ${who}. ${hint}`);
  }
  // Another process may have judged the same and been faster: then what is moved aside here is its new file, and goes back.
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readOwner(aside)?.text !== found.text) linkSync(aside, file);
  rmSync(aside, { force: true });
}
