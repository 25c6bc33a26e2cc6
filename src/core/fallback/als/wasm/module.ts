import { endianness } from 'node:os';
import type { Steps } from '../../steps';
import { ModuleAssembly } from '../../wasm/assembly';
import { MEMORY } from '../../wasm/encoding';
import { defineConjugate } from './conjugate';
import { defineDual, definePrimal } from './direct';
import { defineGram, defineRotate } from './products';
import { defineCholesky, defineSubstitute } from './triangle';

type Solve = (
  factors: number,
  stride: number,
  columns: number,
  weights: number,
  bytes: number,
  base: number,
  lambda: number,
  x: number,
  scratch: number,
) => void;

/** The kernels over one memory. Pointers, strides and `bytes` are in bytes; see products.ts and rows.ts. */
export interface WasmFunctions {
  readonly gram: (rows: number, count: number, stride: number, out: number) => void;
  readonly rotate: (rows: number, count: number, stride: number, basis: number, out: number) => void;
  readonly cholesky: (m: number, bytes: number, stride: number) => void;
  readonly substitute: (u: number, bytes: number, stride: number, b: number) => void;
  readonly conjugate: Solve;
  readonly dual: Solve;
  readonly primal: Solve;
}

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** What is used of WebAssembly; `node --jitless` has none. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: WasmFunctions };
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
}

const PAGE = 65_536;
const MOST_PAGES = 65_536;

/** The module's bytes. */
export function* assembleKernels(): Steps<Uint8Array> {
  const module = new ModuleAssembly();
  const gram = defineGram(module);
  yield;
  const triangles = { gram, cholesky: defineCholesky(module), substitute: defineSubstitute(module) };
  yield;
  defineRotate(module);
  yield;
  defineConjugate(module);
  yield;
  defineDual(module, triangles);
  yield;
  definePrimal(module, triangles);
  yield;
  return module.encode();
}

export interface OpenWasm {
  readonly functions: WasmFunctions;
  readonly buffer: ArrayBuffer;
}

/** Compiled at the first use, once; undefined where WebAssembly or its vectors are missing. */
let compiled: { readonly api: WebAssemblyApi; readonly module: object } | undefined | null = null;

function* compile(): Steps<typeof compiled> {
  const api = (globalThis as unknown as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  // Memory of WebAssembly is little-endian, typed arrays are as the machine is.
  if (!api || endianness() !== 'LE') return undefined;
  const bytes = yield* assembleKernels();
  try {
    return { api, module: new api.Module(bytes) };
  } catch {
    // No vectors on this processor (before SSE 4.1), or a policy against making code.
    return undefined;
  }
}

/** The kernels over a memory of so many bytes; undefined where they cannot run or such a memory cannot be had. */
export function* openWasm(bytes: number): Steps<OpenWasm | undefined> {
  if (compiled === null) compiled = yield* compile();
  const pages = Math.ceil(bytes / PAGE);
  if (!compiled || pages > MOST_PAGES) return undefined;
  const { api, module } = compiled;
  try {
    const memory = new api.Memory({ initial: pages, maximum: pages });
    const imports = { [MEMORY.module]: { [MEMORY.name]: memory } };
    return { functions: new api.Instance(module, imports).exports, buffer: memory.buffer };
  } catch {
    return undefined;
  }
}
