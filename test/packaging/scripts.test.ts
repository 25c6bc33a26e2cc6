import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { discard, run, stageSources, succeed, temporaryFolder } from './stage';

/** The scripts behind `npm ci`, `npm start` and `npm pack` in a clone, where something is missing or goes wrong. */

const folders: string[] = [];
const stage = (devDependencies: boolean): string => {
  const folder = stageSources({ devDependencies });
  folders.push(folder);
  return folder;
};
afterEach(() => folders.splice(0).forEach(discard));

const node = process.execPath;
const script = (name: string): string => path.join('scripts', `${name}.cjs`);

/** A folder for PATH with every program of this one but compilers. */
function pathWithoutCompilers(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  const compilers = /^((.*-)?(g\+\+|gcc|c\+\+|cc|clang(\+\+)?)(-\d+)?|c(89|99)(-gcc)?)$/;
  for (const place of (process.env['PATH'] ?? '').split(path.delimiter).filter(existsSync))
    for (const name of readdirSync(place))
      if (!compilers.test(name) && !existsSync(path.join(folder, name)))
        symlinkSync(path.join(place, name), path.join(folder, name));
  return folder;
}

describe('preparing a clone', () => {
  const onUnix = process.platform === 'win32' ? test.skip : test;

  onUnix('without a compiler is one line that names what is missing, and no failure', async () => {
    const folder = stage(true);
    const environment = { PATH: pathWithoutCompilers() };
    const lenient = await run(folder, node, [script('build-native'), '--if-needed'], environment);
    expect(lenient.output.trim().split('\n')).toEqual([
      'easy11: no native addon: a C++17 compiler is missing (log: build-native.log); running on the TypeScript fallback (same results, slower)',
    ]);
    expect(lenient.status).toBe(0);
    expect(existsSync(path.join(folder, 'build-native.log'))).toBe(true);

    const required = await run(folder, node, [script('build-native'), '--if-needed'], {
      ...environment,
      EASY11_BACKEND: 'native',
    });
    expect(required.status).toBe(1);
    expect(required.output).toContain('a C++17 compiler is missing');
  });

  test('without dev dependencies says so, and is no failure', async () => {
    const { status, output } = await run(stage(false), node, [script('prepare')]);
    expect(output.trim()).toBe('easy11: the dev dependencies are absent, so nothing is built here');
    expect(status).toBe(0);
  });
});

describe('running a command', () => {
  test('without dist/ and without what builds it says what to do', async () => {
    const { status, output } = await run(stage(false), node, [script('run'), 'doctor']);
    expect(status).toBe(1);
    expect(output).toContain('run npm ci');
  });

  test('names the commands there are when asked for another', async () => {
    const { status, output } = await run(stage(false), node, [script('run'), 'strat']);
    expect(status).toBe(1);
    for (const command of ['start', 'import', 'demo-generate', 'doctor', 'als'])
      expect(output).toMatch(RegExp(`[<|]${command}[|>]`));
  });

  test('builds a stale dist/ once though two start at the same time, passes arguments, and keeps the exit code', async () => {
    const folder = stage(true);
    rmSync(path.join(folder, 'src/core'), { recursive: true }); // the kernel alone compiles in a second
    mkdirSync(path.join(folder, 'src/cli'), { recursive: true });
    const command = `process.exitCode = require.main === module ? Number(process.argv[2]) : 99;`;
    writeFileSync(path.join(folder, 'src/cli/doctor.ts'), `import '../kernel/clock';\n${command}\n`);
    // Somebody is at it until both have come: so neither comes when the other is done.
    const lock = path.join(folder, 'dist/.build.lock');
    mkdirSync(path.dirname(lock));
    writeFileSync(lock, String(process.pid));
    let waiting = 0;
    const heard = (text: string): void => {
      if (text.includes('waiting for another build') && ++waiting === 2) rmSync(lock);
    };
    const both = await Promise.all(
      [3, 4].map((code) => run(folder, node, [script('run'), 'doctor', String(code)], {}, heard)),
    );
    expect(both.map(({ status }) => status)).toEqual([3, 4]);
    expect(both.filter(({ output }) => output.includes('built TypeScript'))).toHaveLength(1);

    const again = await run(folder, node, [script('run'), 'doctor', '5']);
    expect(again).toMatchObject({ status: 5, output: '' });

    appendFileSync(path.join(folder, 'src/cli/doctor.ts'), `const wrong: number = 'text';\nexport { wrong };\n`);
    const broken = await run(folder, node, [script('run'), 'doctor', '5']);
    expect(broken.status).toBe(1);
    expect(broken.output).toContain('src/cli/doctor.ts');
  });

  test('takes over the lock of a build that was killed', async () => {
    const folder = stage(false);
    const lock = path.join(folder, 'a.lock');
    const dead = await succeed(folder, node, ['-p', 'process.pid']);
    writeFileSync(lock, dead.trim());
    const program = `require('./scripts/lock.cjs').withLock('a.lock', async () => console.log('in'))`;
    expect(await succeed(folder, node, ['-e', program])).toBe('in\n');
    expect(existsSync(lock)).toBe(false);
  });
});

describe('packing', () => {
  test('that is killed midway still gives package.json back', async () => {
    const folder = stage(true);
    const manifest = path.join(folder, 'package.json');
    const full = readFileSync(manifest, 'utf8');
    const trim = `require('./scripts/manifest.cjs').trimManifest()`;
    await succeed(folder, node, ['-e', trim]);
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).not.toHaveProperty('scripts');
    // The next pack restores before it trims: its backup is the full one again.
    await succeed(folder, node, ['-e', trim]);
    await succeed(folder, node, [script('postpack')]);
    expect(readFileSync(manifest, 'utf8')).toBe(full);
  });

  test('never overwrites a package.json that was edited meanwhile', async () => {
    const folder = stage(true);
    const manifest = path.join(folder, 'package.json');
    await succeed(folder, node, ['-e', `require('./scripts/manifest.cjs').trimManifest()`]);
    writeFileSync(manifest, '{ "edited": true }');
    await succeed(folder, node, [script('postpack')]);
    expect(readFileSync(manifest, 'utf8')).toBe('{ "edited": true }');
  });
});

describe('checking prebuilds', () => {
  test('refuses a binary that is not what its name says, and names a missing platform', async () => {
    const folder = stage(false);
    const place = path.join(folder, 'prebuilds/linux-x64');
    mkdirSync(place, { recursive: true });
    // The head of an arm64 ELF file: class 64, little-endian, machine 183.
    const head = Buffer.alloc(64);
    head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    head.writeUInt16LE(183, 18);
    head.write('GLIBC_2.99', 48, 'latin1');
    writeFileSync(path.join(place, 'easy11.glibc.node'), head);
    const { status, output } = await run(folder, node, [
      script('check-prebuilds'),
      '--max-glibc',
      '2.28',
      '--require',
      'darwin-arm64',
    ]);
    expect(status).toBe(1);
    expect(output).toContain('linux-x64/easy11.glibc.node is for arm64');
    expect(output).toContain('needs glibc 2.99, the limit is 2.28');
    expect(output).toContain('darwin-arm64 is missing');
    rmSync(place, { recursive: true });
    expect((await run(folder, node, [script('check-prebuilds')])).output).toContain('there is no prebuild');
  });
});
