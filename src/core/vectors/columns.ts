import { isFloat32Array, isUint32Array } from 'node:util/types';
import { Easy11Error } from '../errors';
import { show } from '../show';
import { checkId, checkTerm, checkWeight, LIMITS } from './checks';
import type { VectorColumns } from './types';
import type { Vocabulary } from './vocabulary';

/** Throws ERR_EASY11_INVALID_VALUE, _INVALID_ID, _INVALID_TEXT or _INVALID_WEIGHT for columns that are not rows of vectors. O(entries). */
export function checkColumns({ ids, starts, terms, places, weights }: VectorColumns): void {
  if (![ids, starts, places].every(isUint32Array) || !isFloat32Array(weights) || !Array.isArray(terms))
    throw invalid('Columns are three Uint32Arrays, an array of terms and a Float32Array of weights');
  if (starts.length !== ids.length + 1 || starts[0] !== 0 || starts[ids.length] !== places.length)
    throw invalid('starts must begin with 0, end with the number of entries, and have one more than ids');
  if (weights.length !== places.length) throw invalid('places and weights must be of one length');
  if (new Set(terms.map(checkTerm)).size !== terms.length) throw invalid('No term may be there twice');
  const lastRowWith = new Int32Array(terms.length).fill(-1);
  ids.forEach((id, row) => {
    checkId(id);
    const [from, to] = [starts[row] as number, starts[row + 1] as number];
    if (!(from < to && to - from <= LIMITS.TERMS && to <= places.length))
      throw invalid(`A row has 1 to ${LIMITS.TERMS} entries, and row ${row} has not`);
    for (let e = from; e < to; e++) {
      const place = places[e] as number;
      if (place >= terms.length || lastRowWith[place] === row)
        throw invalid(`Row ${row} has a term that is not there, or one twice: place ${show(place)}`);
      lastRowWith[place] = row;
      if (checkWeight(weights[e]) === 0) throw invalid(`Row ${row} has a weight of 0`);
    }
  });
}

/** The entries of checked columns as the engine takes them: by number of term, ascending within each row. */
export function numbered(
  { starts, terms, places, weights }: VectorColumns,
  vocabulary: Vocabulary,
): { terms: Uint32Array; weights: Float32Array } {
  const numbers = Uint32Array.from(terms, (term) => vocabulary.take(term));
  const sorted = { terms: new Uint32Array(places.length), weights: weights.slice() };
  for (let row = 0; row + 1 < starts.length; row++) {
    const from = starts[row] as number;
    for (let e = from; e < (starts[row + 1] as number); e++) {
      const number = numbers[places[e] as number] as number;
      const weight = weights[e] as number;
      // By insertion: rows are short, and often in order.
      let at = e;
      for (; at > from && (sorted.terms[at - 1] as number) > number; at--) {
        sorted.terms[at] = sorted.terms[at - 1] as number;
        sorted.weights[at] = sorted.weights[at - 1] as number;
      }
      sorted.terms[at] = number;
      sorted.weights[at] = weight;
    }
  }
  return sorted;
}

function invalid(message: string): Easy11Error {
  return new Easy11Error('ERR_EASY11_INVALID_VALUE', message);
}
