import { Autocomplete, type SearchOptions } from '../../../../src/core';

function finds(text: string, query: string, options: SearchOptions = { fuzzy: false }): boolean {
  using index = new Autocomplete();
  index.set({ id: 'one', text, weight: 1 });
  const [hit] = index.search(query, options);
  if (hit !== undefined) expect(hit.text).toBe(text);
  return hit !== undefined;
}

describe('Autocomplete takes for the same what a person takes for the same', () => {
  test.each([
    ['another case', 'Red Mug', 'RED mug'],
    ['another case beyond ASCII', 'ÉCLAIR ΣΊΣΥΦΟΣ', 'éclair σίσυφος'],
    ['diacritics left out', 'Crème brûlée', 'creme brulee'],
    ['diacritics added', 'Creme brulee', 'crème brûlée'],
    ['a composed text and a decomposed query', 'caf\u00e9', 'cafe\u0301'],
    ['a decomposed text and a composed query', 'cafe\u0301', 'caf\u00e9'],
    ['ß as ss', 'Weiße Straße', 'weisse strasse'],
    ['ss as ß', 'Strasse', 'straße'],
    ['capital ẞ', 'STRAẞE', 'strasse'],
    ['ø as o', 'Smørrebrød', 'smorrebrod'],
    ['æ, œ, þ, đ, ł, ı as they are typed', 'Ærø cœur Þór Đak Łódź ılık', 'aero coeur thor dak lodz ilik'],
    ['full-width letters', 'Ｆｕｌｌ　Ｗｉｄｔｈ', 'full width'],
    ['full-width letters in the query', 'full width', 'ＦＵＬＬ ｗｉ'],
    ['half-width katakana', 'ﾊﾝﾄﾞﾊﾞｯｸﾞ', 'ハンドバッグ'],
    ['ligatures', 'ofﬁce', 'office'],
    ['Russian ё as е', 'Ёлка', 'елка'],
    ['Arabic with vowel signs', 'كِتَاب', 'كتاب'],
    ['Hebrew with points', 'שָׁלוֹם', 'שלום'],
    ['a soft hyphen', 'choco\u00adlate', 'chocolate'],
    ['a zero-width joiner', 'choco\u200dlate', 'chocolate'],
    ['a trade mark', 'Nike™ Air®', 'nike air'],
    ['t-shirt as tshirt', 't-shirt', 'tshirt'],
    ['tshirt as t-shirt', 'tshirt', 't-shirt'],
    ['t shirt as t-shirt', 't shirt', 't-shirt'],
    ['t-shirt as t shirt', 't-shirt', 't shirt'],
    ['a part of t-shirt', 'T-Shirt', 'shirt'],
    ["l'oreal as loreal", "L'Oreal", 'loreal'],
    ["loreal as l'oreal", 'Loreal', "l'oreal"],
    ["oreal in l'oreal", "L'Oréal", 'oreal'],
    ['a typographic apostrophe', 'L’Oreal', "l'oreal"],
    ['a backtick for an apostrophe', 'L`Oreal', "l'oreal"],
    ['an acute accent for an apostrophe', 'L´Oreal', 'loreal'],
    ["women in women's", "Women's shoes", 'women shoes'],
    ["womens in women's", "Women's shoes", 'womens shoes'],
    ['a typographic hyphen', 'T‐shirt', 't-shirt'],
    ['Chinese inside a run', '有机绿茶', '绿茶'],
    ['one Chinese character inside a run', '有机绿茶', '茶'],
    ['Japanese inside a run of two scripts', '桜のお茶', 'お茶'],
    ['katakana inside a run', 'ハンドクリーム', 'クリーム'],
    ['Korean inside a run', '유기농녹차', '녹차'],
    ['a syllable of Korean not yet finished', '녹차', '녹ㅊ'],
    ['Thai inside a run', 'ชาเขียวร้อน', 'เขียว'],
    ['Chinese words in another order', '绿茶 有机', '有机 绿茶'],
    ['part of a Chinese run before another word', '有机绿茶 杯子', '绿 杯'],
    ['Latin beside Chinese', 'red茶', '茶 red'],
    ['digits beside Chinese', '第2卷', '2'],
    ['astral letters', '𝐁𝐨𝐥𝐝 𠮷野家', 'bold 野家'],
  ])('%s', (_, text, query) => {
    expect(finds(text, query)).toBe(true);
  });

  test.each([
    ['another letter', 'Red Mug', 'rad'],
    ['the inside of a word of a spaced script', 'Red Mug', 'ug'],
    ['a whole word that only begins a word', 'Redder Mug', 'red mug'],
    ['a lone letter cut off by an apostrophe', "Women's", 's'],
    ['the vowel of a Korean syllable', '녹차', 'ᅩ'],
    ['kana without its voicing mark in the middle', 'ガス', 'カス'],
  ])('but not %s', (_, text, query) => {
    expect(finds(text, query)).toBe(false);
  });

  test('words are compared by their first 64 characters', () => {
    const long = 'ab'.repeat(40);
    expect(finds(long, long)).toBe(true);
    expect(finds(long, `${long.slice(0, 64)}zzz`)).toBe(true);
    expect(finds(`é${long}`, `é${long} `)).toBe(true);
  });

  test('a prefix of the text may cross compounds and punctuation', () => {
    expect(finds('T-Shirt, red', 'tshirt re', { match: 'prefix' })).toBe(true);
    expect(finds('Red T-Shirt', 't-shirt', { match: 'prefix' })).toBe(false);
    expect(finds('Crème brûlée', 'creme br', { match: 'prefix' })).toBe(true);
  });

  test('misspelt words are found beyond ASCII too', () => {
    expect(finds('Smørrebrød', 'smorebrod', {})).toBe(true);
    expect(finds('Смородина', 'сморадина', {})).toBe(true);
    expect(finds('Смородина', 'сморадина', { fuzzy: false })).toBe(false);
  });
});
