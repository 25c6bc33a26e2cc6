import { Easy11Error } from '../errors';
import { show } from '../show';
import { checkTerm, checkWeight, LIMITS } from './checks';
import type { Scratch, VectorsEngine } from './engine';
import type { SparseVector } from './types';

/** Terms that no row has are looked for no sooner than there are so many. */
const FEW = 1_024;

/** Terms and their numbers. A number is free again when no row has its term. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  #free: number[] = [];
  /** What a term that comes now is multiplied by. */
  #newFactor = 1;
  #sweepAt = FEW;

  constructor(
    private readonly engine: VectorsEngine,
    private readonly scratch: Scratch,
  ) {}

  /** Numbers that have been given, free ones included. */
  get size(): number {
    return this.#names.length;
  }

  nameOf(number: number): string {
    return this.#names[number] as string;
  }

  /** The number of a term; it is given one where it has none. */
  take(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#names.length;
    this.#names[number] = term;
    this.#numbers.set(term, number);
    this.engine.setFactor(number, this.#newFactor);
    return number;
  }

  /** `sweep`, when there may be much to free. Not while rows are about to be put: their terms would be swept away. */
  tidy(): void {
    if (this.#free.length === 0 && this.#names.length >= this.#sweepAt) this.sweep();
  }

  /** Sets free the numbers of terms that no row has. O(terms). */
  sweep(): void {
    const counts = this.counts();
    this.#free = [];
    for (let number = counts.length - 1; number >= 0; number--) {
      if (counts[number] !== 0) continue;
      const name = this.#names[number];
      if (name !== undefined) this.#numbers.delete(name);
      this.#names[number] = undefined;
      this.#free.push(number);
    }
    this.#sweepAt = Math.max(FEW, 2 * (counts.length - this.#free.length));
  }

  /** By number, how many rows have the term. */
  counts(): Uint32Array {
    const counts = new Uint32Array(this.size);
    this.engine.counts(counts);
    return counts;
  }

  /** From now on terms that come are multiplied by this. */
  setNewFactor(factor: number): void {
    this.#newFactor = factor;
  }

  /**
   * Writes a vector into the scratch memory, its terms ascending by number. Terms without one get it where `adding`; else the sum
   * of the squares of their weights comes back as `further`. A term that comes twice has the sum of its weights.
   * Throws ERR_EASY11_INVALID_VALUE, _INVALID_TEXT or _INVALID_WEIGHT.
   */
  write(vector: SparseVector, adding: boolean): { readonly count: number; readonly further: number } {
    const weights = weightsOf(vector);
    if (adding) this.tidy();
    // All are checked before the first gets a number.
    const known: { readonly number: number; readonly weight: number }[] = [];
    let further = 0;
    for (const [term, weight] of weights) {
      const number = adding ? this.take(term) : this.#numbers.get(term);
      if (number !== undefined) known.push({ number, weight });
      else further += weight * weight * (this.#newFactor * this.#newFactor);
    }
    known.sort((a, b) => a.number - b.number);
    known.forEach(({ number, weight }, i) => {
      this.scratch.terms[i] = number;
      this.scratch.weights[i] = weight;
    });
    return { count: known.length, further };
  }
}

/** The weights above 0, by term, as they are kept. */
function weightsOf(vector: SparseVector): Map<string, number> {
  if (typeof vector !== 'object' || vector === null)
    throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `A vector must be weights by term, not ${show(vector)}`);
  const weights = new Map<string, number>();
  if (Symbol.iterator in vector) {
    for (const pair of vector as Iterable<readonly [string, number]>) {
      if (!Array.isArray(pair))
        throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `Terms must come as [term, weight], not ${show(pair)}`);
      const [term, weight] = pair as readonly [string, number];
      const before = weights.get(checkTerm(term)) ?? 0;
      if (checkWeight(weight) > 0) weights.set(term, checkWeight(before + weight));
    }
  } else {
    for (const [term, weight] of Object.entries(vector))
      if (checkWeight(weight) > 0) weights.set(checkTerm(term), checkWeight(weight));
  }
  if (weights.size > LIMITS.TERMS)
    throw new Easy11Error(
      'ERR_EASY11_INVALID_VALUE',
      `A vector has at most ${LIMITS.TERMS} terms, not ${weights.size}`,
    );
  return weights;
}
