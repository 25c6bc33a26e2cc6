/** Why the fallback runs. */
export type FallbackReason =
  /** EASY11_BACKEND=fallback. */
  | 'forced'
  /** Node runs with --no-addons. */
  | 'no-addons'
  /** No binary for this platform is in the package, and none was compiled. */
  | 'not-found'
  /** There is a binary, and the system refuses it. */
  | 'load-failed'
  /** There is a binary of another version of the sources. */
  | 'abi-mismatch';

const codeOf = (error: Error): string | undefined => (error as NodeJS.ErrnoException).code;

/** Sorts the error that a failed `require` of the addon threw. */
export function reasonOf(error: Error): FallbackReason {
  if (codeOf(error) === 'ERR_DLOPEN_DISABLED') return 'no-addons';
  if (codeOf(error) === 'MODULE_NOT_FOUND' || error.message.includes('No native build was found')) return 'not-found';
  return 'load-failed';
}

const COMPILE = 'run "npx easy11-build" (it needs a C++17 compiler, make and Python 3)';

/** What loaders of several systems say, and what the reader can do about it. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/No native build was found/, `No binary for this platform is in the package: ${COMPILE}, or keep the fallback.`],
  [/GLIBC(XX)?_|CXXABI_/, `The binary needs a newer C library than this system has: ${COMPILE}.`],
  [/ld-linux|symbol not found|libc\.musl/, `The binary is for the other C library (glibc or musl): ${COMPILE}.`],
  [
    // glibc says "cannot open shared object file" of a file that exists but is for another architecture.
    /invalid ELF header|file too short|wrong ELF class|cannot open shared object file|incompatible architecture|mach-o|not a valid Win32/i,
    'The file is damaged or for another platform (was node_modules copied between machines?): install again on this one.',
  ],
  [/did not self-register/, 'The file is not an addon of this package: install again.'],
];

/** A sentence that helps with this error. */
export function hintFor(error: Error): string {
  if (codeOf(error) === 'ERR_DLOPEN_DISABLED') return 'Start Node without --no-addons.';
  if (codeOf(error) === 'MODULE_NOT_FOUND') return 'There is no such file: check EASY11_ADDON_PATH.';
  const known = HINTS.find(([pattern]) => pattern.test(error.message));
  return known?.[1] ?? `Install again, or ${COMPILE}.`;
}
