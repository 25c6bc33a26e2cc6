import { createFallbackAls } from '../fallback/als/als';
import { loadBackend } from '../loader';
import type { AlsEngine } from './engine';

/** An empty engine of the backend that this process runs on. */
export function openEngine(): { engine: AlsEngine; backend: 'native' | 'fallback' } {
  const { addon } = loadBackend();
  return addon === undefined
    ? { engine: createFallbackAls(), backend: 'fallback' }
    : { engine: addon.createAls(), backend: 'native' };
}
