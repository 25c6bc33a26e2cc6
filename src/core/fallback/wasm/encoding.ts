/**
 * The binary format of WebAssembly, as much of it as the kernels need: one imported memory, functions without results, their exports.
 * WebAssembly Core Specification 2.0 (W3C), chapter 5.
 */

/** Bytes, nested as they were put together. */
export type Code = readonly (number | Code)[];

export const Type = { I32: 0x7f, F32: 0x7d, V128: 0x7b } as const;
export type Type = (typeof Type)[keyof typeof Type];

/** A function that is finished. */
export interface FunctionCode {
  readonly name: string;
  readonly parameters: readonly Type[];
  /** Its variables and instructions, with their length before them. */
  readonly code: readonly number[];
}

/** Where the memory is imported from. */
export const MEMORY = { module: 'env', name: 'memory' } as const;

/** LEB128 of a whole number from 0 on (5.2.2). */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** LEB128 of a signed 32-bit number: ends where what is left is only the sign. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

/** The four bytes of a single-precision number, little-endian. */
export function float(value: number): number[] {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => bytes.getUint8(i));
}

function flatten(code: Code, out: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === 'number') out.push(part);
    else flatten(part, out);
  }
  return out;
}

const list = (items: readonly Code[]): Code => [unsigned(items.length), items];
const text = (value: string): Code => list(Array.from(Buffer.from(value), (byte) => [byte]));

function sized(code: Code): number[] {
  const bytes = flatten(code);
  return [...unsigned(bytes.length), ...bytes];
}

/** The code of a function; the variables are numbered on from the parameters. */
export function encodeFunction(variables: readonly Type[], instructions: Code): number[] {
  return sized([list(variables.map((type) => [1, type])), instructions, 0x0b]);
}

const section = (id: number, items: readonly Code[]): Code => [id, sized(list(items))];

/** A module of these functions, all exported, over a memory of at least a page. */
export function encodeModule(functions: readonly FunctionCode[]): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, list(parameters.map((type) => [type])), list([])]);
  const memory = [text(MEMORY.module), text(MEMORY.name), 0x02, 0x00, unsigned(1)];
  const exported = functions.map(({ name }, i) => [text(name), 0x00, unsigned(i)]);
  return Uint8Array.from(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types),
      section(2, [memory]),
      section(
        3,
        functions.map((_, i) => unsigned(i)),
      ),
      section(7, exported),
      section(
        10,
        functions.map(({ code }) => code),
      ),
    ]),
  );
}
