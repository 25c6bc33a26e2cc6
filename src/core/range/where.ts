import { isUint32Array } from 'node:util/types';
import { Easy11Error } from '../errors';
import { show } from '../show';
import { MAX_CONDITIONS, type RangeEngine, type Scratch, SCRATCH } from './engine';
import type { NumberColumn } from './number-column';
import type { FacetColumn, Schema } from './schema';
import type { Bounds, Where } from './types';

/** Writes conditions into the scratch memory, checked, and hands a set of ids to the engine. */
export class WhereWriter {
  readonly #schema: Schema;
  readonly #conditions: Float64Array;
  readonly #codes: Uint32Array;
  readonly #engine: Pick<RangeEngine, 'takeIds'>;
  /** The attributes of the conditions written, by place. */
  readonly #names: string[] = [];
  readonly #most = MAX_CONDITIONS;
  #count = 0;
  #codeCount = 0;

  constructor(schema: Schema, { conditions, ids }: Scratch, engine: Pick<RangeEngine, 'takeIds'>) {
    this.#schema = schema;
    this.#engine = engine;
    this.#conditions = conditions;
    this.#codes = ids;
  }

  /**
   * Writes every condition and returns how many they are. Throws ERR_EASY11_INVALID_FILTER, or
   * ERR_EASY11_UNKNOWN_ATTRIBUTE.
   */
  write(where: Where | undefined): number {
    this.#count = 0;
    this.#codeCount = 0;
    if (where === undefined) return 0;
    if (typeof where !== 'object' || where === null) refuse(`where must be an object, not ${show(where)}`);
    for (const name in where) {
      if (this.#count === this.#most) refuse(`At most ${MAX_CONDITIONS} conditions are possible`);
      this.#names[this.#count] = name;
      const condition = where[name];
      if (name === 'id') {
        this.#ids(condition);
        continue;
      }
      const column = this.#schema.columns.get(name);
      if (column === undefined) {
        throw new Easy11Error('ERR_EASY11_UNKNOWN_ATTRIBUTE', `There is no attribute ${show(name)}`);
      }
      if (column.kind === 'number') this.#number(column, condition as Bounds);
      else this.#facet(column, condition);
    }
    return this.#count;
  }

  /** The place of the condition on an attribute among those last written; -1 when there is none. */
  placeOf(name: string): number {
    const place = this.#names.indexOf(name);
    return place < this.#count ? place : -1;
  }

  /** Adds one more condition: bounds that are values of the column's type. */
  add(column: NumberColumn, least: number, most: number): number {
    this.#put(0, column.index, least, most);
    return this.#count;
  }

  #ids(condition: unknown): void {
    const isBits = typeof condition === 'object' && condition !== null && 'bits' in condition;
    const ids = isBits ? condition.bits : condition;
    if (!isUint32Array(ids)) refuse(`id must be a Uint32Array, or { bits: Uint32Array }, not ${show(condition)}`);
    if (!this.#engine.takeIds(ids, isBits)) refuse('The ids of a set must ascend, none twice');
    this.#put(2, 0, 0, 0);
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
    this.#put(0, column.index, column.leastWithin(gte), column.greatestWithin(lte));
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
