import { type Code, float, signed, Type, unsigned } from './encoding';

/**
 * Typed expressions of WebAssembly: each holds the instructions that leave its value on the stack, so that TypeScript finds what
 * the validator would. Opcodes: WebAssembly Core Specification 2.0, 5.4; a vector instruction is 0xfd and its number (5.4.8).
 */
const vector = (opcode: number): Code => [0xfd, unsigned(opcode)];

/** Alignment (a hint, as an exponent of two) and offset of a load or store. */
const place = (alignment: number, offset: number): Code => [alignment, unsigned(offset)];

/** A 32-bit integer or address. */
export class I32 {
  readonly type = Type.I32;

  constructor(readonly code: Code) {}

  static of(value: I32 | number): I32 {
    return typeof value === 'number' ? new I32([0x41, signed(value)]) : value;
  }

  #with(other: I32 | number, opcode: number): I32 {
    return new I32([this.code, I32.of(other).code, opcode]);
  }

  plus(other: I32 | number): I32 {
    return this.#with(other, 0x6a);
  }

  minus(other: I32 | number): I32 {
    return this.#with(other, 0x6b);
  }

  times(other: I32 | number): I32 {
    return this.#with(other, 0x6c);
  }

  and(mask: number): I32 {
    return this.#with(mask, 0x71);
  }

  /** Divided by 2^bits. */
  shifted(bits: number): I32 {
    return this.#with(bits, 0x76);
  }

  /** 1 or 0, both taken as unsigned. */
  below(other: I32 | number): I32 {
    return this.#with(other, 0x49);
  }

  /** The lesser of both, as unsigned numbers. */
  least(other: I32): I32 {
    return new I32([this.code, other.code, this.below(other).code, 0x1b]);
  }

  splat(): V128 {
    return new V128([this.code, vector(0x11)]);
  }

  /** What stands in memory at this address. */
  integer(offset = 0): I32 {
    return new I32([this.code, 0x28, place(2, offset)]);
  }

  float(offset = 0): F32 {
    return new F32([this.code, 0x2a, place(2, offset)]);
  }

  vector(offset = 0): V128 {
    return new V128([this.code, vector(0x00), place(4, offset)]);
  }

  /** The vector so many bytes behind this address. */
  at(bytes: I32): V128 {
    return this.plus(bytes).vector();
  }

  /** One float from memory in all four lanes. */
  spread(offset = 0): V128 {
    return new V128([this.code, vector(0x09), place(2, offset)]);
  }
}

/** A single-precision number. */
export class F32 {
  readonly type = Type.F32;

  constructor(readonly code: Code) {}

  static of(value: number): F32 {
    return new F32([0x43, float(value)]);
  }

  #with(other: F32, opcode: number): F32 {
    return new F32([this.code, other.code, opcode]);
  }

  plus(other: F32): F32 {
    return this.#with(other, 0x92);
  }

  minus(other: F32): F32 {
    return this.#with(other, 0x93);
  }

  times(other: F32): F32 {
    return this.#with(other, 0x94);
  }

  over(other: F32): F32 {
    return this.#with(other, 0x95);
  }

  root(): F32 {
    return new F32([this.code, 0x91]);
  }

  /** 1 or 0; 0 where one of them is no number. */
  above(other: F32): I32 {
    return new I32([this.code, other.code, 0x5e]);
  }

  splat(): V128 {
    return new V128([this.code, vector(0x13)]);
  }

  storedAt(address: I32, offset: number): Code {
    return [address.code, this.code, 0x38, place(2, offset)];
  }
}

/** Four single-precision numbers side by side. */
export class V128 {
  readonly type = Type.V128;

  constructor(readonly code: Code) {}

  #with(other: V128, opcode: number): V128 {
    return new V128([this.code, other.code, vector(opcode)]);
  }

  plus(other: V128): V128 {
    return this.#with(other, 0xe4);
  }

  minus(other: V128): V128 {
    return this.#with(other, 0xe5);
  }

  times(other: V128): V128 {
    return this.#with(other, 0xe6);
  }

  over(other: V128): V128 {
    return this.#with(other, 0xe7);
  }

  root(): V128 {
    return new V128([this.code, vector(0xe3)]);
  }

  and(mask: V128): V128 {
    return this.#with(mask, 0x4e);
  }

  /** Four lanes out of eight: 0 to 3 are this vector's, 4 to 7 the other's. */
  lanes(other: V128, chosen: readonly [number, number, number, number]): V128 {
    const bytes = chosen.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);
    return new V128([this.code, other.code, vector(0x0d), bytes]);
  }

  lane(index: number): F32 {
    return new F32([this.code, vector(0x1f), index]);
  }

  storedAt(address: I32, offset: number): Code {
    return [address.code, this.code, vector(0x0b), place(4, offset)];
  }
}

/** Four times zero. No static field of its class: as the build writes those, the class is not there yet when one makes it. */
export const ZERO = new V128([vector(0x0c), Array<number>(16).fill(0)]);

/** Ones in the lanes beyond number `lane` of 0 to 3, zeros in the others. */
export function lanesBeyond(lane: I32): V128 {
  const numbers = [0, 1, 2, 3].flatMap((i) => [i, 0, 0, 0]);
  return new V128([vector(0x0c), numbers, lane.splat().code, vector(0x3b)]);
}
