import fc from 'fast-check';
import { analyse, analyseFully, isPlain, planPrefix, planWords } from '../../src/core/autocomplete/analysis';
import { fold } from '../../src/core/autocomplete/fold';

function* allCharacters(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (!/[\p{Unassigned}\p{Private_Use}\p{Surrogate}]/u.test(character)) yield character;
  }
}

describe('folding', () => {
  test('a folded character stays as it is when it is folded again, for every character there is', () => {
    const changed = [];
    for (const character of allCharacters()) if (fold(fold(character)) !== fold(character)) changed.push(character);
    expect(changed).toEqual([]);
  });

  test('a letter, its composed and its decomposed form fold alike, for every letter there is', () => {
    const different = [];
    for (const character of allCharacters()) {
      if (!/\p{L}/u.test(character)) continue;
      const folded = fold(character);
      const forms = [character.normalize('NFC'), character.normalize('NFD'), character.toLowerCase()];
      if (forms.some((form) => fold(form) !== folded)) different.push(character);
    }
    expect(different).toEqual([]);
  });

  test('works character by character, so that positions can be led back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(fold(a + b)).toBe(fold(a) + fold(b));
        expect(fold(fold(a))).toBe(fold(a));
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  test('keeps the voicing marks of kana and takes Hangul apart', () => {
    expect(fold('ガ')).toBe('カ\u3099');
    expect(fold('녹')).toBe('녹'.normalize('NFD'));
  });
});

describe('the analysis of texts', () => {
  test.each([
    ['T-Shirt red', 'tshirt red\u0001t shirt'],
    ["Women's L'Oréal", 'womens loreal\u0001women oreal'],
    ['T-Light', 'tlight\u0001t light'],
    ["rock'n'roll", 'rocknroll\u0001rock roll'],
    ["n's", 'ns\u0001'],
    ['t shirt t-shirt', 't shirt tshirt\u0001'],
    ['a--b -c d- e’', 'a b c d e\u0001'],
    ['red茶', 'red 茶\u0001'],
    ['有机绿茶', '有机绿茶\u0001机绿茶 绿茶 茶'],
    ['ガード', 'カ\u3099ート\u3099\u0001ート\u3099 ト\u3099'],
    ['½ é!', '1 2 e\u0001'],
    ['’ ™', '\u0001'],
  ])('%s', (text, analysis) => {
    expect(analyse(text)).toBe(analysis);
  });

  test('is left to the engines for plain ASCII, by whose rule it gives the same', () => {
    const engineRule = (text: string): string =>
      text
        .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
        .split(/[^a-z0-9]+/)
        .filter((word) => word !== '')
        .map((word) => word.slice(0, 64))
        .join(' ') + '\u0001';
    const plainCharacter = fc
      .integer({ min: 0, max: 126 })
      .map((code) => String.fromCharCode(code))
      .filter(isPlain);
    const letter = fc.constantFrom('a', 'Z', '0');
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(plainCharacter, letter, letter), maxLength: 300 }), (text) => {
        expect(analyse(text)).toBeNull();
        expect(analyseFully(text)).toBe(engineRule(text));
      }),
      { numRuns: 2_000, seed: 2 },
    );
    for (const other of ["'", '`', '-', '\u007f', 'é']) expect(isPlain(other)).toBe(false);
  });

  test('cuts words to 64 code points', () => {
    expect(analyse('é' + '𝐚'.repeat(80))).toBe('e' + 'a'.repeat(63) + '\u0001');
    expect(analyse('𠮷'.repeat(70))?.split('\u0001')[0]).toBe('𠮷'.repeat(64));
  });
});

describe('the plan of a query', () => {
  test.each([
    ['red', 'red*'],
    ['Red ', 'red*'],
    ['red re', 'red re*'],
    ['t-shirt red', 'tshirt red*\u0001t shirt red*'],
    ['red t-shirt', 'red tshirt*\u0001red t shirt*'],
    ["women's shoes", 'womens shoes*\u0001women shoes*'],
    ['绿茶 cup', '绿茶* cup*'],
    ['cup 绿茶', 'cup 绿茶*'],
    ['t-', 't*'],
    ['…', ''],
  ])('%s', (query, plan) => {
    expect(planWords(query)).toBe(plan);
  });

  test('in prefix mode joins compounds and has no marks', () => {
    expect(planPrefix(' T-Shirt  Réd')).toBe('tshirt red');
    expect(planPrefix('!')).toBe('');
  });
});
