export type Core = typeof import('../../src/core');

/** The library as a process with this setting sees it. */
export function coreOf(backend: 'native' | 'fallback'): Core {
  const before = process.env['EASY11_BACKEND'];
  process.env['EASY11_BACKEND'] = backend;
  try {
    let core: Core | undefined;
    jest.isolateModules(() => {
      core = jest.requireActual<Core>('../../src/core');
      // The choice is made once, at the first question.
      core.backend();
    });
    return core as Core;
  } finally {
    if (before === undefined) delete process.env['EASY11_BACKEND'];
    else process.env['EASY11_BACKEND'] = before;
  }
}

/** Undefined where the addon is not built. */
export function nativeIfBuilt(): Core | undefined {
  try {
    return coreOf('native');
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_EASY11_NATIVE_UNAVAILABLE') return undefined;
    throw error;
  }
}
