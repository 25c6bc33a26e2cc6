import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type * as Loader from '../../src/core/loader';
import { ABI } from '../../src/core/native-addon';

const root = path.resolve(__dirname, '../..');
const compiled = path.join(root, 'build/Release/easy11.node');
const environment = { ...process.env };
let folder: string;
let warnings: jest.SpyInstance;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'easy11-loader-'));
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const settings = ['EASY11_BACKEND', 'EASY11_ADDON_PATH', 'LIBC', 'PREBUILDS_ONLY'];
  process.env = Object.fromEntries(Object.entries(environment).filter(([name]) => !settings.includes(name)));
});
afterEach(() => {
  process.env = { ...environment };
  warnings.mockRestore();
  rmSync(folder, { recursive: true, force: true });
});

/** A loader that has not been asked yet, under these settings. */
function freshLoader(settings: Record<string, string> = {}): typeof Loader {
  Object.assign(process.env, settings);
  let loader: typeof Loader | undefined;
  jest.isolateModules(() => {
    loader = jest.requireActual<typeof Loader>('../../src/core/loader');
  });
  if (!loader) throw new Error('the loader did not load');
  return loader;
}

function fileWith(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** require() takes a script for an addon as gladly as a binary: enough to look at what the loader makes of it. */
const addonOf = (abi: number): string => fileWith('addon.cjs', `module.exports = { abi: ${abi}, isa: 'test' };`);

describe('the loader', () => {
  test('loads the addon that EASY11_ADDON_PATH names, and says so', () => {
    const file = addonOf(ABI);
    const { loadBackend, backend } = freshLoader({ EASY11_ADDON_PATH: file });
    expect(loadBackend().addon?.abi).toBe(ABI);
    expect(backend()).toMatchObject({
      backend: 'native',
      reason: null,
      path: file,
      isa: 'test',
      error: null,
      hint: null,
    });
    expect(backend().platform).toContain(`${process.platform}-${process.arch}`);
    expect(warnings).not.toHaveBeenCalled();
  });

  test('loads nothing before it is asked, and answers the same afterwards', () => {
    const { backend } = freshLoader({ EASY11_ADDON_PATH: addonOf(ABI) });
    process.env['EASY11_BACKEND'] = 'fallback';
    const first = backend();
    expect(first.backend).toBe('fallback');
    process.env['EASY11_BACKEND'] = 'native';
    expect(backend()).toBe(first);
  });

  test('takes the fallback when EASY11_BACKEND asks for it, without a warning', () => {
    const { loadBackend } = freshLoader({ EASY11_BACKEND: 'fallback', EASY11_ADDON_PATH: addonOf(ABI) });
    expect(loadBackend().addon).toBeUndefined();
    expect(loadBackend().report).toMatchObject({ backend: 'fallback', reason: 'forced', error: null });
    expect(warnings).not.toHaveBeenCalled();
  });

  test('refuses a binary of other sources, and hints at the stale build', () => {
    const { backend } = freshLoader({ EASY11_ADDON_PATH: addonOf(ABI + 1) });
    expect(backend()).toMatchObject({ backend: 'fallback', reason: 'abi-mismatch' });
    expect(backend().error?.message).toContain(String(ABI + 1));
    expect(backend().hint).toContain('build/');
  });

  test('warns once, with a code, when it falls back because nothing loads', () => {
    const file = fileWith('damaged.node', 'not a shared object');
    const { backend } = freshLoader({ EASY11_ADDON_PATH: file });
    expect(backend()).toMatchObject({ backend: 'fallback', reason: 'load-failed', path: file });
    expect(backend().hint).toMatch(/damaged/);
    backend();
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(warnings.mock.calls[0]?.[1]).toMatchObject({ code: 'EASY11_FALLBACK' });
  });

  test('says that the named file is not there', () => {
    const { backend } = freshLoader({ EASY11_ADDON_PATH: path.join(folder, 'absent.node') });
    expect(backend()).toMatchObject({ backend: 'fallback', reason: 'not-found' });
    expect(backend().hint).toContain('EASY11_ADDON_PATH');
  });

  test('throws with cause and hint when EASY11_BACKEND=native and nothing loads, each time it is asked', () => {
    const { backend } = freshLoader({ EASY11_BACKEND: 'native', EASY11_ADDON_PATH: fileWith('damaged.node', 'x') });
    const thrown = [1, 2].map(() => {
      try {
        return backend();
      } catch (error) {
        return error;
      }
    });
    for (const error of thrown) {
      expect(error).toMatchObject({ name: 'Easy11Error', code: 'ERR_EASY11_NATIVE_UNAVAILABLE' });
      expect((error as Error).message).toMatch(/damaged/);
      expect((error as Error).cause).toMatchObject({ message: expect.stringContaining('damaged.node') as string });
    }
    expect(warnings).not.toHaveBeenCalled();
  });

  test.each(['nativ', 'wasm', '1'])('refuses EASY11_BACKEND=%s in words', (value) => {
    const { backend } = freshLoader({ EASY11_BACKEND: value });
    expect(() => backend()).toThrow(`EASY11_BACKEND must be native, fallback or auto, not "${value}"`);
  });

  test.each(['', 'auto', 'AUTO'])('takes EASY11_BACKEND=%p for auto', (value) => {
    const { backend } = freshLoader({ EASY11_BACKEND: value, EASY11_ADDON_PATH: addonOf(ABI) });
    expect(backend().backend).toBe('native');
  });

  test('expects the number that the C++ sources give', () => {
    const source = readFileSync(path.join(root, 'bindings/addon.cpp'), 'utf8');
    expect(Number(/kAbi = (\d+)/.exec(source)?.[1])).toBe(ABI);
  });

  (existsSync(compiled) ? test : test.skip)('finds the addon that was compiled here', () => {
    const { backend } = freshLoader({ EASY11_BACKEND: 'native' });
    expect(backend()).toMatchObject({ backend: 'native', path: compiled });
    expect(backend().isa).toMatch(/^(scalar|sse\w*|avx\w*|neon)$/);
  });
});
