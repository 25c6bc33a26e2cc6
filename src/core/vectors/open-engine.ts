import { createFallbackVectors } from '../fallback/vectors/vectors';
import { loadBackend } from '../loader';
import type { Scratch, VectorsEngine } from './engine';

/** An empty engine of the backend that this process runs on. */
export function openEngine(scratch: Scratch): { engine: VectorsEngine; backend: 'native' | 'fallback' } {
  const { addon } = loadBackend();
  return addon === undefined
    ? { engine: createFallbackVectors(scratch), backend: 'fallback' }
    : { engine: addon.createSparseVectors(scratch.buffer), backend: 'native' };
}
