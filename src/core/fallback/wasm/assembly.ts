import { type Code, encodeFunction, encodeModule, type FunctionCode, Type, unsigned } from './encoding';
import { F32, I32, V128 } from './values';

type Value = I32 | F32 | V128;

/** A variable: as an expression, what it holds. */
export type Local<T extends Value> = T & { readonly index: number };

/** A function being written, statement by statement. All its variables are zero at first. */
export class Assembly {
  readonly parameters: Type[] = [];
  readonly locals: Type[] = [];
  readonly body: Code[] = [];

  /** The next parameter: an integer or address. */
  takeInteger(): Local<I32> {
    return this.#parameter(Type.I32, I32);
  }

  takeFloat(): Local<F32> {
    return this.#parameter(Type.F32, F32);
  }

  integer(value?: I32): Local<I32> {
    return this.#local(Type.I32, I32, value);
  }

  float(value?: F32): Local<F32> {
    return this.#local(Type.F32, F32, value);
  }

  vector(value?: V128): Local<V128> {
    return this.#local(Type.V128, V128, value);
  }

  set<T extends Value>(local: Local<T>, value: T): void {
    this.body.push([value.code, 0x21, unsigned(local.index)]);
  }

  add(local: Local<V128>, value: V128): void {
    this.set(local, local.plus(value));
  }

  /** Moves a pointer. */
  move(pointer: Local<I32>, bytes: I32 | number): void {
    this.set(pointer, pointer.plus(bytes));
  }

  store(address: I32, value: F32 | V128, offset = 0): void {
    this.body.push(value.storedAt(address, offset));
  }

  /** For each k from `from` to below `to`, both unsigned. The test stands at the end, where a loop costs one branch a round. */
  loop(from: I32 | number, to: I32 | number, step: number, body: (k: Local<I32>) => void): void {
    const k = this.integer(I32.of(from));
    this.when(k.below(to), () => {
      this.body.push([0x03, 0x40]);
      body(k);
      this.set(k, k.plus(step));
      this.body.push([k.below(to).code, 0x0d, 0, 0x0b]);
    });
  }

  when(condition: I32, body: () => void): void {
    this.body.push([condition.code, 0x04, 0x40]);
    body();
    this.body.push([0x0b]);
  }

  returnUnless(condition: I32): void {
    this.body.push([condition.code, 0x45, 0x04, 0x40, 0x0f, 0x0b]);
  }

  call(target: FunctionNumber, ...args: readonly Value[]): void {
    this.body.push([args.map(({ code }) => code), 0x10, unsigned(target.number)]);
  }

  #parameter<T extends Value>(type: Type, kind: new (code: Code) => T): Local<T> {
    if (this.locals.length > 0) throw new Error('Parameters come before variables');
    this.parameters.push(type);
    return named(kind, this.parameters.length - 1);
  }

  #local<T extends Value>(type: Type, kind: new (code: Code) => T, value: T | undefined): Local<T> {
    this.locals.push(type);
    const local = named(kind, this.parameters.length + this.locals.length - 1);
    if (value) this.set(local, value);
    return local;
  }
}

function named<T extends Value>(kind: new (code: Code) => T, index: number): Local<T> {
  return Object.assign(new kind([0x20, unsigned(index)]), { index });
}

/** A function of the module being written, to call. */
export interface FunctionNumber {
  readonly number: number;
}

/** A module being written; a function may call those before it. */
export class ModuleAssembly {
  readonly #functions: FunctionCode[] = [];

  define(name: string, write: (f: Assembly) => void): FunctionNumber {
    const f = new Assembly();
    write(f);
    this.#functions.push({ name, parameters: f.parameters, code: encodeFunction(f.locals, f.body) });
    return { number: this.#functions.length - 1 };
  }

  encode(): Uint8Array {
    return encodeModule(this.#functions);
  }
}
