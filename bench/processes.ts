import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '..');

/** Runs a worker of the benchmark in a process of its own and returns the JSON object on its last line of output. */
export async function runWorker<T>(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<T> {
  const flags = ['--expose-gc', '--max-old-space-size=12000', '--import', 'tsx', path.join(root, script), ...args];
  const child = spawn(process.execPath, flags, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}

/**
 * Installs the peers that live apart, once: native ones, some with an install script of their own. Returns false, and says so, where
 * that fails. `wanted` are paths in node_modules that must be there.
 */
export async function installPeers(wanted: readonly string[] = ['better-sqlite3/build']): Promise<boolean> {
  const directory = path.join(__dirname, 'peers');
  if (wanted.every((peer) => existsSync(path.join(directory, 'node_modules', peer)))) return true;
  console.error('installing better-sqlite3 and libmf for comparison (compiles for a minute or two, once) …');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const code = await new Promise<number | null>((resolve) =>
    npm.once('error', () => resolve(-1)).once('close', resolve),
  );
  if (code !== 0)
    console.error(`${wanted.join(', ')} could not be installed (npm ended with ${code}): rows are missing`);
  return code === 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function machine(): string {
  const cpu = os.cpus();
  return `${cpu[0]?.model.trim() ?? 'unknown CPU'}, ${cpu.length} cores, Node ${process.version}, ${os.platform()} ${os.arch()}`;
}

/** Micro- and milliseconds in three significant digits. */
export function formatTime(microseconds: number): string {
  if (microseconds >= 1e6) return `${(microseconds / 1e6).toPrecision(3)} s`;
  if (microseconds >= 1000) return `${(microseconds / 1000).toPrecision(3)} ms`;
  return `${microseconds.toPrecision(microseconds < 1 ? 2 : 3)} µs`;
}

/** A GitHub table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
