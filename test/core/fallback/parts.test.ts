import { compareCodePoints } from '../../../src/core/fallback/autocomplete/code-points';
import { LeastKeys } from '../../../src/core/fallback/autocomplete/least-keys';
import { Query } from '../../../src/core/fallback/autocomplete/query';
import { sortSteps } from '../../../src/core/fallback/sort';
import { runNow } from '../../../src/core/fallback/steps';
import { collectWords } from '../../../src/core/fallback/autocomplete/words';
import { Random } from '../../support/random';

const NEEDS_ANALYSIS = -1;
const NO_WORDS = -2;

function wordsOf(query: Query): string[] {
  return Array.from({ length: query.words }, (_, i) => query.textOf(i) + (query.prefix[i] === 1 ? '*' : ''));
}

describe('a query', () => {
  const query = new Query();

  test.each([
    ['red mug', ['red', 'mug*']],
    ['  RED,mug  ', ['red', 'mug*']],
    ['a*b', ['a', 'b*']],
    ['x'.repeat(70), ['x'.repeat(64) + '*']],
  ])('of plain ASCII is parsed as typed: %j', (typed, words) => {
    expect(query.parseRaw(typed)).toBe(0);
    expect(wordsOf(query)).toEqual(words);
  });

  test.each(["women's", 't-shirt', '`a', 'é', 'a\u007f'])('%j needs analysis', (typed) => {
    expect(query.parseRaw(typed)).toBe(NEEDS_ANALYSIS);
  });

  test.each(['', ' ', '*', '_ +', '\u0000'])('%j has no word', (typed) => {
    expect(query.parseRaw(typed)).toBe(NO_WORDS);
  });

  test('in the form of a plan has alternatives, and prefixes only where they are marked', () => {
    expect(query.parsePlan('tshirt red*\u0001t shirt* 茶*')).toBe(0);
    expect(wordsOf(query)).toEqual(['tshirt', 'red*', 't', 'shirt*', '茶*']);
    expect(query.alternatives).toEqual([0, 2, 5]);
    expect(query.parsePlan('')).toBe(NO_WORDS);
  });
});

test('words are split from plain text, and taken from an analysis', () => {
  const words: string[] = [];
  expect(collectWords('Red MUG, 2nd_hand', null, words)).toBe(4);
  expect(words).toEqual(['red', 'mug', '2nd', 'hand']);
  expect(collectWords('T-shirt', 'tshirt\u0001t shirt', words)).toBe(1);
  expect(words).toEqual(['tshirt', 't', 'shirt']);
});

test('strings are ordered by code point, not by UTF-16 unit', () => {
  const strings = ['😀', '～', 'a', 'ab', '', '\ud7ff', '\ue000'];
  const bytewise = [...strings].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect([...strings].sort(compareCodePoints)).toEqual(bytewise);
});

test('sorting in steps sorts, whether the input is random, sorted, reversed or in runs', () => {
  const random = new Random(1);
  for (const size of [0, 1, 2, 17, 5_000]) {
    const values = Uint32Array.from({ length: size }, () => random.below(size));
    const ascending = values.slice().sort();
    const runs = Uint32Array.from([...ascending.subarray(0, size >> 1), ...ascending]);
    for (const input of [values, ascending, ascending.slice().reverse(), runs]) {
      expect(runNow(sortSteps(input.slice(), (a, b) => a - b))).toEqual(input.slice().sort());
    }
  }
});

test('the least keys are kept, each once', () => {
  const random = new Random(2);
  const least = new LeastKeys(10);
  for (let round = 0; round < 200; round++) {
    const keys = Array.from({ length: 50 }, () => random.below(60));
    least.reset(10);
    for (const key of keys) least.offer(key);
    const expected = [...new Set(keys)].sort((a, b) => a - b).slice(0, 10);
    expect([...least.keys.subarray(0, least.count)]).toEqual(expected);
  }
});
