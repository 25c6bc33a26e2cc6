import { Autocomplete } from '../../../src/core';
import { furtherWordsFirst, repeatedBeginning } from '../../../src/contexts/search/further-words';

describe('a last word that begins an earlier one', () => {
  test.each([
    ['red re', { beginning: 're', times: 1 }],
    ['Red red', { beginning: 'red', times: 1 }],
    ['tea towel tin t', { beginning: 't', times: 3 }],
    ['red', undefined],
    ['red mug', undefined],
    ['re red', undefined],
    ['', undefined],
  ])('is seen in "%s"', (query, expected) => expect(repeatedBeginning(query)).toEqual(expected));

  test('puts what has a further such word first, and keeps both groups in their order', () => {
    using index = new Autocomplete();
    const texts = ['Red Mug', 'Red Retrospot Bag', 'Red Bowl', 'Reed Red Vase', 'Blue Reel'];
    texts.forEach((text, i) => index.set({ id: text, text, weight: 10 - i }));
    const hits = furtherWordsFirst(index.search('red re', { fuzzy: false }), { beginning: 're', times: 1 });
    expect(hits.map(({ id }) => id)).toEqual(['Red Retrospot Bag', 'Reed Red Vase', 'Red Mug', 'Red Bowl']);
  });
});
