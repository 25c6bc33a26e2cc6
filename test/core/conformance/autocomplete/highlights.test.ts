import { Autocomplete, type SearchOptions } from '../../../../src/core';

/** The text with what was matched in brackets. */
function marked(text: string, query: string, options: SearchOptions = {}): string {
  using index = new Autocomplete();
  index.set({ id: 'one', text, weight: 1 });
  const [hit] = index.search(query, options);
  if (hit === undefined) return 'not found';
  let result = '';
  let before = 0;
  for (const [start, end] of hit.highlights) {
    expect(start).toBeGreaterThanOrEqual(before);
    expect(end).toBeGreaterThan(start);
    result += `${text.slice(before, start)}[${text.slice(start, end)}]`;
    before = end;
  }
  expect(before).toBeLessThanOrEqual(text.length);
  return result + text.slice(before);
}

describe('highlights say what a query matched, in UTF-16 units of the original text', () => {
  test.each([
    ['whole words and the typed part of the last', 'red re', 'Red Retrospot Mug', '[Red] [Re]trospot Mug'],
    ['every word that matches', 'r', 'Red Mug, Round', '[R]ed Mug, [R]ound'],
    ['words in another order', 'mug red', 'Red Retrospot Mug', '[Red] Retrospot [Mug]'],
    ['a word and its prefix once', 'red r', 'Red', '[Red]'],
    ['the whole of a character that folds to two', 'stras', 'Die Straße', 'Die [Straß]e'],
    ['a letter with its combining mark', 'cafe', 'cafe\u0301 noir', '[cafe\u0301] noir'],
    ['no mark of a letter that was not typed', 'caf', 'cafe\u0301', '[caf]e\u0301'],
    ['full-width letters', 'ful', 'Ｆｕｌｌ', '[Ｆｕｌ]ｌ'],
    ['a ligature as a whole', 'of', 'oﬃce', '[oﬃ]ce'],
    ['a compound with its joiner', 'tshirt', 'A T-Shirt', 'A [T-Shirt]'],
    ['part of a compound', 'tshi', 'A T-Shirt', 'A [T-Shi]rt'],
    ['one half of a compound', 'shirt', 'A T-Shirt', 'A T-[Shirt]'],
    ['a compound that the text writes apart', 't-shirt', 'T Shirt', '[T] [Shirt]'],
    ['a possessive', "women's mug", 'Women’s mug', '[Women’s] [mug]'],
    ['a syllable of which a letter was typed', 'ㄱ', '감자', '[감]자'],
    ['characters inside a run', '茶', '有机绿茶', '有机绿[茶]'],
    ['characters side by side as one range', '茶', '茶茶碗', '[茶茶]碗'],
    ['characters beyond the basic plane', '野', '𠮷野家', '𠮷[野]家'],
    ['bold letters beyond the basic plane', 'bo', '𝐁𝐨𝐥𝐝', '[𝐁𝐨]𝐥𝐝'],
    ['nothing of the invisible after a word', 'nike', 'Nike™', '[Nike]™'],
    ['the word that was misspelt', 'retorspot', 'Red Retrospot Mug', 'Red [Retrospot] Mug'],
    ['the likelier of two words that may have been meant', 'cando', 'Candy Candle', 'Candy [Candle]'],
    ['exact and misspelt words together', 'red retorspot', 'Red Retrospot Mug', '[Red] [Retrospot] Mug'],
  ])('%s', (_, query, text, expected) => {
    expect(marked(text, query)).toBe(expected);
  });

  test('a prefix of the text is one range', () => {
    expect(marked('"Red - Mug" blue', 'red mu', { match: 'prefix' })).toBe('"[Red - Mu]g" blue');
    expect(marked('Crème brûlée', 'creme b', { match: 'prefix' })).toBe('[Crème b]rûlée');
  });

  test('they are plain data: equal, serialisable, and new for every search', () => {
    using index = new Autocomplete();
    index.set({ id: 'one', text: 'Red Mug', weight: 2.5 });
    const expected = [{ id: 'one', text: 'Red Mug', weight: 2.5, highlights: [[0, 2]], slip: 0 }];
    expect(index.search('re')).toStrictEqual(expected);
    expect(JSON.parse(JSON.stringify(index.search('re')))).toStrictEqual(expected);
    expect(index.search('mug')[0]?.highlights).toStrictEqual([[4, 7]]);
  });

  test('a changed text is highlighted as it is now', () => {
    using index = new Autocomplete();
    index.set({ id: 'one', text: 'Red Mug', weight: 1 });
    index.search('mug');
    index.set({ id: 'one', text: 'A large mug', weight: 3 });
    expect(index.search('mug')).toStrictEqual([
      { id: 'one', text: 'A large mug', weight: 3, highlights: [[8, 11]], slip: 0 },
    ]);
    index.setWeight('one', 9);
    expect(index.search('mug')[0]?.weight).toBe(9);
    index.delete('one');
    index.set({ id: 'two', text: 'Mug', weight: 1 });
    expect(index.searchIds('mug')).toEqual(['two']);
  });
});

test('without highlights the hits are the same, but for their empty ranges', () => {
  using index = new Autocomplete();
  for (const [id, text] of [
    ['a', 'Red Mug'],
    ['b', 'Rad Mog'],
    ['c', 'Red Réd'],
  ] as const)
    index.set({ id, text, weight: 1 });
  const full = index.search('red m');
  expect(full.some(({ highlights }) => highlights.length > 0)).toBe(true);
  const plain = index.search('red m', { highlight: false });
  expect(plain).toEqual(full.map((hit) => ({ ...hit, highlights: [] })));
});

test('an entry that was first found by its id alone is given whole by the next search, and anew after a change', () => {
  using index = new Autocomplete();
  index.set({ id: 'mug', text: 'Red Mug', weight: 7 });
  expect(index.searchIds('red')).toEqual(['mug']);
  const hit = { id: 'mug', text: 'Red Mug', weight: 7, highlights: [[0, 3]], slip: 0 };
  expect(index.search('red')).toEqual([hit]);
  expect(index.searchIds('red')).toEqual(['mug']);
  index.set({ id: 'mug', text: 'Red Cup', weight: 8 });
  expect(index.searchIds('red')).toEqual(['mug']);
  expect(index.search('red')).toEqual([{ ...hit, text: 'Red Cup', weight: 8 }]);
});
