import { Easy11Error } from '../errors';
import { attachFallbackAutocomplete, createFallbackAutocomplete } from '../fallback/autocomplete/autocomplete';
import { loadBackend } from '../loader';
import { type AutocompleteEngine, MOST_CHANGES } from './engine';
import { LIMITS } from './validate';

export interface OpenEngine {
  readonly engine: AutocompleteEngine;
  readonly backend: 'native' | 'fallback';
}

/** An empty engine of the backend that this process runs on. */
export function openEngine(): OpenEngine {
  const { addon } = loadBackend();
  const arrays = resultArrays();
  return addon === undefined
    ? { engine: createFallbackAutocomplete(...arrays), backend: 'fallback' }
    : { engine: addon.createAutocomplete(...arrays), backend: 'native' };
}

/** An engine on a shared index. Throws ERR_EASY11_NOT_SHARED when there is none with this token within reach. */
export function attachEngine(token: number): OpenEngine {
  const { addon } = loadBackend();
  const arrays = resultArrays();
  const backend = addon === undefined ? 'fallback' : 'native';
  const engine =
    addon === undefined ? attachFallbackAutocomplete(token, ...arrays) : addon.attachAutocomplete(token, ...arrays);
  if (engine !== undefined) return { engine, backend };
  const reach =
    backend === 'native' ? 'in this process' : 'on this thread, and the TypeScript fallback shares with no other';
  throw new Easy11Error('ERR_EASY11_NOT_SHARED', `No Autocomplete is shared under token ${token} ${reach}`);
}

/** Of one buffer: the addon then finds all with one look-up, and that is a good part of what a call costs. */
function resultArrays(): [slots: Uint32Array, slips: Uint32Array, changes: Uint32Array] {
  const buffer = new ArrayBuffer(4 * (2 * LIMITS.RESULTS + MOST_CHANGES + 1));
  const slots = new Uint32Array(buffer, 0, LIMITS.RESULTS);
  const slips = new Uint32Array(buffer, slots.byteLength, LIMITS.RESULTS);
  return [slots, slips, new Uint32Array(buffer, 2 * slots.byteLength, MOST_CHANGES + 1)];
}
