import { SLIP, slipBudget, slipCost, substitutionCost } from '../../src/core/autocomplete/slips';
import { Random } from '../support/random';

const codes = (word: string): number[] => Array.from(word, (character) => character.codePointAt(0) as number);
const cost = (typed: string, target: string, prefix = false): number =>
  slipCost(codes(typed), codes(target), slipBudget(typed.length), prefix);

/** The least cost by trying every way to explain `typed` as a slip for `target`. Exponential; for short words only. */
function tryEverything(typed: string, target: string, budget: number, prefix: boolean, j = 0, i = 0): number {
  let best = j === typed.length && (prefix || i === target.length) ? 0 : Infinity;
  const q = typed.charAt(j);
  const t = target.charAt(i);
  if (q !== '' && q === t) best = Math.min(best, tryEverything(typed, target, budget, prefix, j + 1, i + 1));
  if (budget === 0) return best;
  const then = (edit: number, j: number, i: number): void => {
    best = Math.min(best, edit + tryEverything(typed, target, budget - 1, prefix, j, i));
  };
  const first = (involved: boolean): number => (involved ? SLIP.FIRST : 0);
  if (q !== '' && t !== '' && q !== t) {
    then(substitutionCost(t.charCodeAt(0), q.charCodeAt(0)) + first(i === 0 || j === 0), j + 1, i + 1);
    if (typed.charAt(j + 1) === t && target.charAt(i + 1) === q) {
      then(SLIP.TRANSPOSITION + first(i === 0 || j === 0), j + 2, i + 2);
    }
  }
  if (q !== '') {
    const doubled = typed.charAt(j - 1) === q;
    const atEnd = prefix && j === typed.length - 1 ? SLIP.EXTRA_AT_END_OF_PREFIX : 0;
    then((doubled ? SLIP.EXTRA_DOUBLED : SLIP.EXTRA) + atEnd + first(j === 0), j + 1, i);
  }
  if (t !== '') {
    const doubled = target.charAt(i - 1) === t;
    then((doubled ? SLIP.MISSING_DOUBLED : SLIP.MISSING) + first(i === 0), j, i + 1);
  }
  return best;
}

describe('the measure of slips', () => {
  test('is what trying every explanation gives', () => {
    const random = new Random(43);
    const word = (length: number): string => Array.from({ length }, () => random.pick([...'abbcd'])).join('');
    for (let i = 0; i < 3_000; i++) {
      const typed = word(1 + random.below(6));
      const target = word(random.below(7));
      const budget = random.below(3);
      const prefix = random.chance(0.5);
      const measured = slipCost(codes(typed), codes(target), budget, prefix);
      expect({ typed, target, budget, prefix, cost: measured }).toEqual({
        typed,
        target,
        budget,
        prefix,
        cost: tryEverything(typed, target, budget, prefix),
      });
    }
  });

  test('allows one slip from 4 letters and two from 8', () => {
    expect([1, 3, 4, 7, 8, 64].map(slipBudget)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(cost('rde', 'red')).toBe(Infinity);
    expect(cost('rde ', 'red ')).toBe(SLIP.TRANSPOSITION);
    expect(cost('retorpsot', 'retrospot')).toBe(2 * SLIP.TRANSPOSITION);
  });

  test('holds doubled letters and transpositions for likelier than others, and the first letter for the rarest wrong', () => {
    expect(cost('holiddays', 'holidays')).toBeLessThan(cost('holidways', 'holidays'));
    expect(cost('buton', 'button')).toBeLessThan(cost('buttn', 'button'));
    expect(cost('hoildays', 'holidays')).toBeLessThan(cost('holudays', 'holidays'));
    expect(cost('nolidays', 'holidays')).toBeGreaterThan(cost('holidajs', 'holidays'));
    expect(cost('holidsys', 'holidays')).toBeLessThan(cost('holidmys', 'holidays'));
  });

  test('of a prefix is the least over all prefixes of the word', () => {
    expect(cost('holi', 'holidays', true)).toBe(0);
    expect(cost('hoil', 'holidays', true)).toBe(SLIP.TRANSPOSITION);
    expect(cost('holx', 'holidays', true)).toBe(SLIP.SUBSTITUTION);
  });
});
