import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Compilers and npm run here, perhaps beside other tests on a busy machine. */
jest.setTimeout(300_000);

export const root = path.resolve(__dirname, '../..');

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  /** stdout and stderr. */
  readonly output: string;
}

/** Runs a program to its end, whatever that is; a failure is an outcome too. `heard` is given what it says, as it says it. */
export function run(
  folder: string,
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  heard: (text: string) => void = () => undefined,
) {
  // Jest's own settings, and npm's from an outer `npm test`, must not leak into what a user would see.
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|cache|userconfig|globalconfig|cafile|.*proxy)$)|EASY11_|NODE_ENV|JEST_|INIT_CWD|CC$|CXX$)/.test(
        name,
      ),
  );
  const env = { ...Object.fromEntries(inherited), ...environment };
  return new Promise<Outcome>((resolve) => {
    const child = execFile(program, args, { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const status = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ status, stdout, output: `${stdout}${stderr}` });
    });
    child.stdout?.on('data', (chunk: string) => heard(chunk));
  });
}

/** The same, for what must succeed: its stdout. */
export async function succeed(...call: Parameters<typeof run>): Promise<string> {
  const { status, stdout, output } = await run(...call);
  if (status !== 0) throw new Error(`${call[1]} ${call[2].join(' ')} exited ${status}:\n${output}`);
  return stdout;
}

/** The npm that runs these tests, as a script for node: Windows starts no `npm.cmd` without a shell. */
export function npm(folder: string, args: readonly string[]): Promise<string> {
  const script = process.env['npm_execpath'];
  return script ? succeed(folder, process.execPath, [script, ...args]) : succeed(folder, 'npm', args);
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'easy11-packaging-'));
}

const SOURCES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.core.json', 'binding.gyp'].concat([
  'LICENSE',
  'README.md',
  'native',
  'bindings',
  'scripts',
  'src/core',
  'src/kernel',
]);

/** A copy of the sources: packing swaps package.json, which must not happen under other programs' feet. */
export function stageSources(options: { readonly devDependencies: boolean }): string {
  const folder = temporaryFolder();
  for (const name of SOURCES.filter((name) => existsSync(path.join(root, name))))
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  if (options.devDependencies) symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

export const compiledAddon = path.join(root, 'build/Release/easy11.node');

/** Puts the addon that was compiled here where prebuildify would. */
export function shipCompiledAddon(folder: string): void {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const libc = process.platform !== 'linux' ? '' : report.header.glibcVersionRuntime ? '.glibc' : '.musl';
  const place = path.join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(place, { recursive: true });
  cpSync(compiledAddon, path.join(place, `easy11${libc}.node`));
}

export const discard = (folder: string): void => rmSync(folder, { recursive: true, force: true });
