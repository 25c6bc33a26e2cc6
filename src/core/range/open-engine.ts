import { createFallbackRangeIndex } from '../fallback/range/range-index';
import { loadBackend } from '../loader';
import { encodeSchema, type EngineSchema, type RangeEngine, type Scratch } from './engine';

/** An empty engine of the backend that this process runs on. */
export function openEngine(
  schema: EngineSchema,
  scratch: Scratch,
): { engine: RangeEngine; backend: 'native' | 'fallback' } {
  const { addon } = loadBackend();
  return addon === undefined
    ? { engine: createFallbackRangeIndex(schema, scratch), backend: 'fallback' }
    : { engine: addon.createRangeIndex(encodeSchema(schema), scratch.buffer), backend: 'native' };
}
