import { Easy11Error } from '../errors';
import { show } from '../show';
import { type EngineSchema, NUMBER_TYPES } from './engine';
import { NumberColumn } from './number-column';
import { LIMITS } from './numbers';
import { atRow } from './row-errors';
import type { NumberAttribute, RangeSchema } from './types';

const WELL_FORMED = /^[^\p{Surrogate}]*$/u;

/** A facet or a flag: values are numbered as they come, from 1; 0 is no value. */
export class FacetColumn {
  readonly kind = 'facet';
  /** By code. */
  readonly values: (string | boolean | null)[] = [null];
  readonly #codes = new Map<string | boolean, number>();

  constructor(
    readonly name: string,
    readonly index: number,
    readonly isFlag: boolean,
  ) {
    if (isFlag) for (const value of [false, true]) this.#add(value);
  }

  /** The code of a value, or -1 when no row ever had it. */
  find(value: string | boolean): number {
    return this.#codes.get(value) ?? -1;
  }

  /** The code of a row's value, a new one if need be. Throws ERR_EASY11_INVALID_VALUE. */
  codeOf(value: unknown): number {
    if (value === null || value === undefined) return 0;
    const known = this.#codes.get(value as string);
    if (known !== undefined) return known;
    const code = 'ERR_EASY11_INVALID_VALUE';
    if (this.isFlag) throw new Easy11Error(code, `${this.name} must be true, false or null, not ${show(value)}`);
    if (typeof value !== 'string' || value.length > LIMITS.TEXT || !WELL_FORMED.test(value)) {
      throw new Easy11Error(
        code,
        `${this.name} must be a well-formed string of at most ${LIMITS.TEXT} UTF-16 units, or null, not ${show(value)}`,
      );
    }
    if (this.values.length >= LIMITS.FACET_VALUES) {
      throw new Easy11Error(code, `${this.name} has ${LIMITS.FACET_VALUES - 1} different values already: no more fit`);
    }
    return this.#add(value);
  }

  /** The codes of rows begin..end. Throws ERR_EASY11_INVALID_VALUE with the first row that is not acceptable. */
  readInto(into: Uint16Array, values: ArrayLike<unknown>, begin: number, end: number): void {
    let row = begin;
    try {
      for (; row < end; row++) into[row] = this.codeOf(values[row]);
    } catch (error) {
      throw atRow(row, this.name, error);
    }
  }

  #add(value: string | boolean): number {
    this.#codes.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}

export type Column = NumberColumn | FacetColumn;

/** A schema after checks: columns in the order in which the engine numbers them. */
export class Schema {
  readonly numbers: readonly NumberColumn[];
  readonly facets: readonly FacetColumn[];
  readonly columns: ReadonlyMap<string, Column>;
  readonly engine: EngineSchema;

  /** Throws ERR_EASY11_INVALID_SCHEMA. */
  constructor(readonly given: RangeSchema) {
    if (!isObject(given) || !isObject(given.numbers)) refuse('A schema must be an object with `numbers`');
    checkKeys('A schema', given, ['numbers', 'facets', 'flags']);
    const { facets = [], flags = [] } = given;
    if (!isNames(facets) || !isNames(flags)) refuse('`facets` and `flags` must be arrays of names');
    let scores = 0;
    this.numbers = Object.entries(given.numbers).map(([name, attribute], index) => {
      checkAttribute(name, attribute);
      const { type = 'float64', tree = false, score = false } = attribute;
      return new NumberColumn(name, index, type, tree !== false, score ? scores++ : -1);
    });
    this.facets = [...facets, ...flags].map((name, i) => new FacetColumn(name, i, i >= facets.length));
    const all: readonly Column[] = [...this.numbers, ...this.facets];
    this.columns = new Map(all.map((column) => [column.name, column]));
    if (this.columns.size !== all.length || this.columns.has('id') || this.columns.has('__proto__'))
      refuse('Attributes need names of their own, none `id` or `__proto__`');
    if (this.numbers.length > 64 || this.facets.length > 32) refuse('At most 64 numbers and 32 facets and flags fit');
    const trees = this.numbers.filter(({ hasTree }) => hasTree);
    if (trees.length === 0 || trees.length > 16) refuse('1 to 16 number attributes need a tree: `tree: true`');
    this.engine = {
      numbers: this.numbers.map(({ type }) => NUMBER_TYPES.indexOf(type)),
      facets: this.facets.length,
      scores: this.numbers.filter(({ score }) => score >= 0).map(({ index }) => index),
      trees: trees.map(({ name, index }) => ({ number: index, aggregates: this.#aggregates(name, index) })),
    };
  }

  /** The number attribute of that name. Throws ERR_EASY11_UNKNOWN_ATTRIBUTE. */
  number(name: string): NumberColumn {
    const column = this.columns.get(name);
    if (column?.kind === 'number') return column;
    throw new Easy11Error('ERR_EASY11_UNKNOWN_ATTRIBUTE', `There is no number attribute ${show(name)}`);
  }

  /** The facet or flag of that name. Throws ERR_EASY11_UNKNOWN_ATTRIBUTE. */
  facet(name: string): FacetColumn {
    const column = this.columns.get(name);
    if (column?.kind === 'facet') return column;
    throw new Easy11Error('ERR_EASY11_UNKNOWN_ATTRIBUTE', `There is no facet or flag ${show(name)}`);
  }

  /** The score of that name. Throws ERR_EASY11_UNKNOWN_ATTRIBUTE, or ERR_EASY11_INVALID_OPTION when it is none. */
  score(name: string): number {
    const { score } = this.number(name);
    if (score < 0) throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `${name} was not declared with \`score: true\``);
    return score;
  }

  /** Checks that the names of a row are attributes. Throws ERR_EASY11_UNKNOWN_ATTRIBUTE or ERR_EASY11_INVALID_VALUE. */
  checkNames(row: unknown, mayHaveId: boolean): void {
    if (!isObject(row)) throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `A row must be an object, not ${show(row)}`);
    for (const name in row) {
      if (!this.columns.has(name) && !(mayHaveId && name === 'id')) {
        throw new Easy11Error('ERR_EASY11_UNKNOWN_ATTRIBUTE', `There is no attribute ${show(name)}`);
      }
    }
  }

  #aggregates(name: string, own: number): number[] {
    const { tree } = this.given.numbers[name] as NumberAttribute;
    const names = typeof tree === 'object' ? (tree.aggregates ?? []) : [];
    const indices = names.map((other) => this.numbers.find((column) => column.name === other)?.index ?? -1);
    if (indices.includes(-1)) refuse(`An aggregate of ${name} is no number attribute`);
    return [...new Set(indices)].filter((index) => index !== own);
  }
}

function checkAttribute(name: string, attribute: NumberAttribute): void {
  if (typeof attribute !== 'object' || attribute === null) refuse(`${name} must be described by an object, such as {}`);
  checkKeys(name, attribute, ['type', 'tree', 'score']);
  const { type = 'float64', tree = false, score = false } = attribute;
  if (!NUMBER_TYPES.includes(type)) refuse(`${name}: type must be 'int32', 'float32' or 'float64', not ${show(type)}`);
  if (typeof score !== 'boolean') refuse(`${name}: score must be a boolean, not ${show(score)}`);
  const isTree =
    typeof tree === 'boolean' || (isObject(tree) && (tree.aggregates === undefined || isNames(tree.aggregates)));
  if (!isTree) refuse(`${name}: tree must be a boolean or { aggregates: [names] }`);
  if (isObject(tree)) checkKeys(`The tree of ${name}`, tree, ['aggregates']);
}

/** A misspelt key that is passed over would make another index than the one wanted. */
function checkKeys(what: string, given: object, keys: readonly string[]): void {
  for (const key in given) if (!keys.includes(key)) refuse(`${what} has nothing that is called ${show(key)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function refuse(message: string): never {
  throw new Easy11Error('ERR_EASY11_INVALID_SCHEMA', message);
}
