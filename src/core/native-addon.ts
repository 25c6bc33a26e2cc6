import type { AlsEngine } from './als/engine';
import type { AutocompleteEngine } from './autocomplete/engine';
import type { CreateCache } from './cache/engine';
import type { RangeEngine } from './range/engine';
import type { VectorsEngine } from './vectors/engine';

/** What `require` of the compiled easy11.node gives. */
export interface NativeAddon {
  /** Must equal ABI: another number means a file that was compiled from other sources. */
  readonly abi: number;
  /** The instruction set that the kernels use on this machine, such as 'avx2', or 'scalar'. */
  readonly isa: string;
  createAls(): AlsEngine;
  readonly createCache: CreateCache;
  /** An engine for an encoded schema, with arguments and results in the buffer: see range/engine.ts. */
  createRangeIndex(schema: Int32Array, scratch: ArrayBuffer): RangeEngine;
  /** An engine with arguments and results in the buffer: see vectors/engine.ts. */
  createSparseVectors(scratch: ArrayBuffer): VectorsEngine;
  /** An engine that writes the results of each search into the arrays, which are views of one buffer. */
  createAutocomplete(slots: Uint32Array, slips: Uint32Array, changes: Uint32Array): AutocompleteEngine;
  /** An engine on an index that another thread shares under this token; undefined when there is none. */
  attachAutocomplete(
    token: number,
    slots: Uint32Array,
    slips: Uint32Array,
    changes: Uint32Array,
  ): AutocompleteEngine | undefined;
}

/** Raised with any change of what the addon's functions take or give, together with kAbi in bindings/addon.cpp. */
export const ABI = 9;
