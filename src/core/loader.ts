import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isNativeError } from 'node:util/types';
import { Easy11Error } from './errors';
import { hintFor, reasonOf, type FallbackReason } from './load-failure';
import { ABI, type NativeAddon } from './native-addon';

/** Which engine runs, and why. */
export interface BackendReport {
  readonly backend: 'native' | 'fallback';
  /** Why the fallback runs; null for native. */
  readonly reason: FallbackReason | null;
  /** The addon's file: the one that is loaded, or the one that would not load. */
  readonly path: string | null;
  /** The instruction set of the native kernels, such as 'avx2'; null for the fallback, where `stats()` of an AlsModel tells its own. */
  readonly isa: string | null;
  /** Such as 'linux-x64 glibc 2.36, node 20.20.2' (the C library is named only when the addon did not load). */
  readonly platform: string;
  readonly error: Error | null;
  /** What to do about the error, in a sentence. */
  readonly hint: string | null;
}

export interface LoadedBackend {
  readonly report: BackendReport;
  /** undefined when the fallback runs. */
  readonly addon: NativeAddon | undefined;
}

/** The package's folder, seen from src/core and from dist/core alike. */
const PACKAGE_FOLDER = path.resolve(__dirname, '../..');
const requireFile = createRequire(__filename);
const MODES = ['auto', 'native', 'fallback'] as const;
type Mode = (typeof MODES)[number];

interface NodeGypBuild {
  /** The file of build/Release, else of prebuilds/ for this platform; throws when there is none. */
  resolve(folder: string): string;
}

function requestedMode(): Mode {
  const value = process.env['EASY11_BACKEND'] || 'auto';
  const mode = MODES.find((known) => known === value.toLowerCase());
  if (mode) return mode;
  throw new Easy11Error(
    'ERR_EASY11_INVALID_OPTION',
    `EASY11_BACKEND must be native, fallback or auto, not ${JSON.stringify(value)}`,
  );
}

/** 'glibc 2.36', 'musl' or ''. Takes some 4 ms, so only failures ask. */
function cLibrary(): string {
  if (process.platform !== 'linux') return '';
  // Without this the report resolves the names of every open connection.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before ?? false;
  return header?.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'musl';
}

/** node-gyp-build recognises musl only on Alpine: elsewhere it must be told, and it reads LIBC when it is loaded. */
function findMuslAddon(): string | undefined {
  if (process.env['LIBC'] || process.env['EASY11_ADDON_PATH'] || cLibrary() !== 'musl') return undefined;
  const id = requireFile.resolve('node-gyp-build/node-gyp-build.js');
  process.env['LIBC'] = 'musl';
  try {
    Reflect.deleteProperty(requireFile.cache, id);
    return (requireFile(id) as NodeGypBuild).resolve(PACKAGE_FOLDER);
  } finally {
    delete process.env['LIBC'];
    Reflect.deleteProperty(requireFile.cache, id);
  }
}

function findAddon(): string {
  const given = process.env['EASY11_ADDON_PATH'];
  if (given && existsSync(given)) return path.resolve(given);
  if (given) throw Object.assign(new Error(`EASY11_ADDON_PATH: no file ${given}`), { code: 'MODULE_NOT_FOUND' });
  return (requireFile('node-gyp-build') as NodeGypBuild).resolve(PACKAGE_FOLDER);
}

const here = `${process.platform}-${process.arch}`;
const runtime = `node ${process.versions.node}`;

function fallbackReport(reason: FallbackReason, file: string | null, error: Error, hint: string): LoadedBackend {
  const platform = `${`${here} ${cLibrary()}`.trim()}, ${runtime}`;
  return { addon: undefined, report: { backend: 'fallback', reason, path: file, isa: null, platform, error, hint } };
}

/** Loads one file, or says why not. Never throws. */
function open(find: () => string): LoadedBackend {
  let file: string | null = null;
  try {
    file = find();
    const addon = requireFile(file) as NativeAddon;
    if (addon.abi !== ABI) {
      const error = new Error(`the addon's ABI is ${String(addon.abi)}, the package expects ${ABI}`);
      const hint =
        'A stale build/ folder hides the right binary: delete it, then install again or run "npx easy11-build".';
      return fallbackReport('abi-mismatch', file, error, hint);
    }
    const platform = `${here}, ${runtime}`;
    const report = {
      backend: 'native',
      reason: null,
      path: file,
      isa: addon.isa,
      platform,
      error: null,
      hint: null,
    } as const;
    return { addon, report };
  } catch (thrown) {
    // isNativeError, as instanceof fails for errors of another realm (Jest, vm).
    const error = isNativeError(thrown) ? thrown : new Error(String(thrown), { cause: thrown });
    return fallbackReport(reasonOf(error), file, error, hintFor(error));
  }
}

function openAny(): LoadedBackend {
  const first = open(findAddon);
  if (first.addon) return first;
  const musl = open(() => {
    const file = findMuslAddon();
    if (file === undefined || file === first.report.path) throw new Error('no other file to try');
    return file;
  });
  return musl.addon ? musl : first;
}

function load(mode: Mode): LoadedBackend {
  if (mode === 'fallback') {
    const platform = `${here}, ${runtime}`;
    const report = {
      backend: 'fallback',
      reason: 'forced',
      path: null,
      isa: null,
      platform,
      error: null,
      hint: null,
    } as const;
    return { addon: undefined, report };
  }
  const loaded = openAny();
  if (loaded.addon) return loaded;
  const { reason, platform, error, hint } = loaded.report;
  const what = `the native addon did not load (${reason}) on ${platform}: ${error?.message}\n${hint}`;
  if (mode === 'native')
    throw new Easy11Error('ERR_EASY11_NATIVE_UNAVAILABLE', `EASY11_BACKEND=native, but ${what}`, { cause: error });
  process.emitWarning(
    `${what}\nThe TypeScript fallback runs: same results, slower. EASY11_BACKEND=fallback silences this.`,
    {
      type: 'Easy11Warning',
      code: 'EASY11_FALLBACK',
    },
  );
  return loaded;
}

let cached: LoadedBackend | undefined;

/**
 * Finds the engine, the first time it is asked: EASY11_ADDON_PATH if set, else build/Release, else prebuilds/.
 * EASY11_BACKEND decides: `auto` (default) falls back with one warning, `native` throws instead, `fallback` looks for nothing.
 * Later calls return the first answer.
 * @throws Easy11Error ERR_EASY11_NATIVE_UNAVAILABLE (`cause` is the loader's error), ERR_EASY11_INVALID_OPTION.
 */
export function loadBackend(): LoadedBackend {
  cached ??= load(requestedMode());
  return cached;
}

/** Which engine runs, and why. Throws as loadBackend does. */
export function backend(): BackendReport {
  return loadBackend().report;
}
