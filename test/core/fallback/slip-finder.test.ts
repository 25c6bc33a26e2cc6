import { slipBudget, slipCost } from '../../../src/core/autocomplete/slips';
import { SlipFinder } from '../../../src/core/fallback/autocomplete/slip-finder';
import { runNow } from '../../../src/core/fallback/steps';
import { buildTrie, type Trie } from '../../../src/core/fallback/autocomplete/trie';
import { sortWords, WordTableBuilder } from '../../../src/core/fallback/autocomplete/word-table';
import { makeVocabulary, misspell } from '../../support/catalogue';
import { Random } from '../../support/random';

function trieOf(words: readonly string[]): Trie {
  const table = new WordTableBuilder();
  for (const word of words) table.add(word);
  return runNow(buildTrie(runNow(sortWords(table, new Uint8Array(table.count).fill(1))).words));
}

function pointsOf(word: string): Uint32Array {
  return Uint32Array.from(word, (character) => character.codePointAt(0) as number);
}

describe('the words a misspelt word may stand for', () => {
  const random = new Random(3);
  const letters = [...'aabbcd𠮷'];
  // Few letters, so that doubled ones, transpositions and several ways to one word are common.
  const words = Array.from({ length: 400 }, () =>
    Array.from({ length: 1 + random.below(9) }, () => random.pick(letters)).join(''),
  ).concat(makeVocabulary(random, 400));
  const trie = trieOf(words);
  const sorted = Array.from({ length: trie.words.count }, (_, i) =>
    trie.words.points.slice(trie.words.starts[i], trie.words.starts[i + 1]),
  );
  const finder = new SlipFinder();

  test.each([{ prefix: false }, { prefix: true }])(
    'are those of the reference measure (prefix: $prefix)',
    ({ prefix }) => {
      let slipped = 0;
      for (let i = 0; i < 300; i++) {
        const typed = pointsOf(misspell(random, random.pick(words)));
        const { count, lows, highs, costs } = finder.find(trie, typed, prefix);
        const found = new Array<number>(sorted.length).fill(Infinity);
        for (let r = 0; r < count; r++) {
          for (let w = lows[r] as number; w < (highs[r] as number); w++) {
            found[w] = Math.min(found[w] as number, costs[r] as number);
          }
        }
        const budget = slipBudget(typed.length);
        const expected = sorted.map((word) => slipCost([...typed], [...word], budget, prefix));
        expect(found).toEqual(expected);
        if (found.some((cost) => cost > 0 && cost < Infinity)) slipped++;
      }
      expect(slipped).toBeGreaterThan(100);
    },
  );
});
