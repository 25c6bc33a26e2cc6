import type { EngineSchema } from '../../range/engine';

export type NumberArray = Int32Array | Float32Array | Float64Array;

/** "No value" is the type's largest member, so that it sorts behind every value and lies in no range. */
export function noneOf(type: number): number {
  return type === 0 ? 2_147_483_647 : Infinity;
}
/** The greatest number that is a value of the type. */
export function greatestOf(type: number): number {
  return type === 0 ? 2_147_483_646 : Number.MAX_VALUE;
}
export function newNumbers(type: number, size: number): NumberArray {
  return type === 0 ? new Int32Array(size) : type === 1 ? new Float32Array(size) : new Float64Array(size);
}

/** The power of two that holds `code`, at least 16. */
export function facetSizeFor(code: number): number {
  let size = 16;
  while (size <= code) size *= 2;
  return size;
}

/** A longer copy of a typed array. */
export function grown<T extends NumberArray | Uint16Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old as never);
  return larger;
}

/** The rows as given: typed columns by id. */
export class Table {
  readonly numbers: NumberArray[];
  readonly nones: readonly number[];
  readonly facets: Uint16Array[];
  /** Codes that may occur, a power of two, by facet. */
  readonly facetSizes: number[];
  present = new Uint8Array(0);
  rows = 0;

  constructor(readonly schema: EngineSchema) {
    this.numbers = schema.numbers.map((type) => newNumbers(type, 0));
    this.nones = schema.numbers.map(noneOf);
    this.facets = Array.from({ length: schema.facets }, () => new Uint16Array(0));
    this.facetSizes = this.facets.map(() => 16);
  }

  has(id: number): boolean {
    return this.present[id] === 1;
  }

  /** Makes room for ids below `wanted`. */
  reserve(wanted: number): void {
    const { length } = this.present;
    if (wanted <= length) return;
    const next = Math.max(wanted, Math.min(length * 2, length + (1 << 22)));
    this.schema.numbers.forEach((type, n) => {
      this.numbers[n] = grown(this.numbers[n] as NumberArray, newNumbers(type, next));
    });
    this.facets.forEach((column, f) => {
      this.facets[f] = grown(column, new Uint16Array(next));
    });
    this.present = grown(this.present, new Uint8Array(next));
  }

  bytes(): number {
    const columns = [...this.numbers, ...this.facets, this.present];
    return columns.reduce((sum, column) => sum + column.byteLength, 0);
  }
}
