import { database } from './database';
import type { Drill } from './drill';
import { model, mutants } from './jest';
import { kills } from './kills';
import { key } from './one-key';
import { outage } from './outage';
import { redis } from './redis';
import { rush } from './rush';
import { webhooks } from './webhooks';
import { zombie } from './zombie';

/** In the order of the requirements that they are named after; the first is what runs when none is named. */
export const DRILLS: readonly Drill[] = [kills, rush, key, database, redis, outage, webhooks, zombie, model, mutants];

/** What is wrong with how it was called, and how it is to be called. */
export class Usage extends Error {}

export interface Wanted {
  readonly drills: readonly Drill[];
  readonly options: ReadonlyMap<string, number>;
}

/** Reads the command line. `--rush=20` is `rush --runs=20`. Throws Usage. */
export function readCommand(args: readonly string[]): Wanted {
  const options = new Map<string, number>();
  const names: string[] = [];
  for (const arg of args) {
    const [, name = '', , value] = /^--([a-z]+)(=(\d+))?$/.exec(arg) ?? [];
    if (arg === '--help') throw new Usage(usage());
    if (name === 'rush') names.push('rush');
    if (name === 'rush' && value !== undefined) options.set('runs', Number(value));
    else if (name !== '' && name !== 'rush' && value !== undefined) options.set(name, Number(value));
    else if (name === '') names.push(arg);
    else if (name !== 'rush') throw new Usage(`${arg} needs a number.\n${usage()}`);
  }
  const unknown = names.find((name) => name !== 'all' && !DRILLS.some((drill) => drill.name === name));
  if (unknown !== undefined) throw new Usage(`There is no ${unknown}.\n${usage()}`);
  const drills = names.includes('all')
    ? DRILLS
    : DRILLS.filter(({ name }) => (names.length === 0 ? name === 'kills' : names.includes(name)));
  const strange = [...options.keys()].find((name) => !drills.some((drill) => name in drill.options));
  if (strange !== undefined) throw new Usage(`None of them knows --${strange}.\n${usage()}`);
  return { drills, options };
}

function usage(): string {
  const lines = DRILLS.map(({ name, sentence, options }) => {
    const given = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
    return `  ${name.padEnd(10)}${sentence}\n  ${' '.repeat(10)}${given.join(' ')}`;
  });
  return [
    'npm run build && npm run chaos -- [all | <name> …] [--<option>=<number> …]',
    ...lines,
    'Without a name: kills. Uses the server of DATABASE_URL where that is set, in a database of its own, else an embedded one.',
    'Ends with 1 where anything is not as it must be.',
  ].join('\n');
}
