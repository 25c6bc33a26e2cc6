import { Easy11Error } from '../errors';
import { show } from '../show';
import { MAX_CONDITIONS, type Scratch, SCRATCH } from './engine';
import { greatestWithin, leastWithin } from './numbers';
import type { FacetColumn, NumberColumn, Schema } from './schema';
import type { Bounds, Where } from './types';

/** Writes conditions into the scratch memory, checked. */
export class WhereWriter {
  readonly #schema: Schema;
  readonly #conditions: Float64Array;
  readonly #codes: Uint32Array;
  #count = 0;
  #codeCount = 0;

  constructor(schema: Schema, { conditions, ids }: Scratch) {
    this.#schema = schema;
    this.#conditions = conditions;
    this.#codes = ids;
  }

  /**
   * Writes every condition but that on `without`, and returns how many they are. Throws ERR_EASY11_INVALID_FILTER, or
   * ERR_EASY11_UNKNOWN_ATTRIBUTE.
   */
  write(where: Where | undefined, without?: string): number {
    this.#count = 0;
    this.#codeCount = 0;
    if (where === undefined) return 0;
    if (typeof where !== 'object' || where === null) refuse(`where must be an object, not ${show(where)}`);
    for (const name in where) {
      const column = this.#schema.columns.get(name);
      if (column === undefined) {
        throw new Easy11Error('ERR_EASY11_UNKNOWN_ATTRIBUTE', `There is no attribute ${show(name)}`);
      }
      if (name === without) continue;
      if (this.#count === MAX_CONDITIONS) refuse(`At most ${MAX_CONDITIONS} conditions are possible`);
      const condition = where[name];
      if (column.kind === 'number') this.#number(column, condition as Bounds);
      else this.#facet(column, condition);
    }
    return this.#count;
  }

  /** Adds one more condition: bounds that are values of the column's type. */
  add(column: NumberColumn, least: number, most: number): number {
    this.#put(0, column.index, least, most);
    return this.#count;
  }

  #number(column: NumberColumn, bounds: Bounds): void {
    if (typeof bounds !== 'object' || bounds === null) {
      refuse(`${column.name} must be an object with gte or lte, not ${show(bounds)}`);
    }
    // A misspelt bound that is passed over would show what was to be hidden.
    for (const name in bounds) if (name !== 'gte' && name !== 'lte') refuse(`There is no bound ${show(name)}`);
    const { gte = -Infinity, lte = Infinity } = bounds;
    if (typeof gte !== 'number' || typeof lte !== 'number' || gte !== gte || lte !== lte) {
      refuse(`Bounds of ${column.name} must be numbers, not ${show(gte)} and ${show(lte)}`);
    }
    if (gte > lte) refuse(`${column.name} must have a gte that is at most its lte, not ${gte} and ${lte}`);
    this.#put(0, column.index, leastWithin(gte, column.type), greatestWithin(lte, column.type));
  }

  #facet(column: FacetColumn, condition: unknown): void {
    const begin = this.#codeCount;
    if (Array.isArray(condition) && !column.isFlag) {
      if (condition.length === 0) refuse(`${column.name} must name at least one value`);
      for (const value of condition) this.#code(column, value);
    } else this.#code(column, condition);
    this.#put(1, column.index, begin, this.#codeCount - begin);
  }

  #code(column: FacetColumn, value: unknown): void {
    if (typeof value !== (column.isFlag ? 'boolean' : 'string')) {
      refuse(`${column.name} must be ${column.isFlag ? 'true or false' : 'a string or several'}, not ${show(value)}`);
    }
    // A value that no row ever had matches nothing: it needs no code.
    const code = column.find(value as string);
    if (code < 0) return;
    if (this.#codeCount === SCRATCH.IDS) refuse(`At most ${SCRATCH.IDS} values are possible`);
    this.#codes[this.#codeCount++] = code;
  }

  #put(kind: number, column: number, third: number, fourth: number): void {
    const at = 4 * this.#count++;
    const conditions = this.#conditions;
    conditions[at] = kind;
    conditions[at + 1] = column;
    conditions[at + 2] = third;
    conditions[at + 3] = fourth;
  }
}

function refuse(message: string): never {
  throw new Easy11Error('ERR_EASY11_INVALID_FILTER', message);
}
