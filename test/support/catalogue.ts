import type { Entry } from '../../src/core/autocomplete/types';
import type { Random } from './random';

const ONSETS = [
  'b',
  'br',
  'c',
  'ch',
  'd',
  'f',
  'g',
  'gl',
  'h',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  'st',
  't',
  'tr',
  'w',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'oo'];
const CODAS = ['', '', 'n', 'r', 's', 'd', 'll', 't'];
/** What the plain path of the engines does not know. */
const SPECIAL = [
  't-shirt',
  "women's",
  "l'oreal",
  'crème',
  'straße',
  'smørrebrød',
  '茶碗',
  'カード',
  '각도',
  'ｆｕｌｌ',
  'x-ray-2',
];
const CATEGORIES = ['mugs', 'lights', 'cards', 'garden', 'küche'];

export interface CatalogueShape {
  readonly entries: number;
  readonly words: number;
  /** How many of the words of texts need analysis, 0 to 1. */
  readonly special: number;
}

/** Words that share many prefixes, the commonest first. */
export function makeVocabulary(random: Random, count: number): string[] {
  const words = new Set<string>();
  while (words.size < count) {
    let word = random.chance(0.05) ? String(random.below(500)) : '';
    for (let syllables = 1 + random.below(3); syllables > 0 && !/\d/.test(word); syllables--) {
      word += random.pick(ONSETS) + random.pick(VOWELS) + random.pick(CODAS);
    }
    words.add(word);
  }
  return [...words];
}

/** A product-like entry: many ties of weight, some prices and categories missing, ids in several scripts. */
export function makeEntry(random: Random, vocabulary: readonly string[], number: number, special: number): Entry {
  const words: string[] = [];
  for (let count = 1 + random.below(5); count > 0; count--) {
    const word = random.chance(special) ? random.pick(SPECIAL) : random.pickSkewed(vocabulary);
    words.push(random.chance(0.3) ? word.toUpperCase() : word);
  }
  const categories = CATEGORIES.filter(() => random.chance(0.3));
  return {
    id: `${random.pick(['p', 'q', 'é', '～', '😀'])}${number}`,
    text: words.join(random.pick([' ', ' ', ' ', ', ', ' / '])),
    weight: random.chance(0.5) ? random.below(8) : random.chance(0.2) ? -random.next() : random.next() * 1e6,
    ...(random.chance(0.8) ? { categories } : {}),
    ...(random.chance(0.8) ? { price: random.below(100) } : {}),
    ...(random.chance(0.8) ? { inStock: random.chance(0.7) } : {}),
  };
}

export function makeCatalogue(random: Random, shape: CatalogueShape): { entries: Entry[]; vocabulary: string[] } {
  const vocabulary = makeVocabulary(random, shape.words);
  const entries = Array.from({ length: shape.entries }, (_, number) =>
    makeEntry(random, vocabulary, number, shape.special),
  );
  return { entries, vocabulary };
}

/** A query as people type it: words of one entry or of several, in any order, the last one partial. */
export function makeQuery(random: Random, entries: readonly Entry[], vocabulary: readonly string[]): string {
  const source = random.pick(entries).text.split(/[ ,/]+/);
  const words: string[] = [];
  for (let count = random.pick([1, 1, 1, 2, 2, 3]); count > 0; count--) {
    words.push(random.chance(0.85) ? random.pick(source) : random.pickSkewed(vocabulary));
  }
  const last = words.pop() as string;
  words.push(last.slice(0, 1 + random.below(last.length)));
  const query = words.join(random.pick([' ', ' ', '  ', ' + ']));
  return random.chance(0.2) ? query.toUpperCase() : random.chance(0.1) ? query + ' ' : query;
}

/** One or two random edits somewhere in a query. */
export function misspell(random: Random, query: string): string {
  const letters = [...query];
  for (let edits = random.pick([1, 1, 1, 2]); edits > 0 && letters.length > 0; edits--) {
    const at = random.below(letters.length);
    const letter = random.pick([...'aeioubcdfglmnrst']);
    const edit = random.below(4);
    if (edit === 0) letters.splice(at, 1);
    else if (edit === 1) letters.splice(at, 0, random.chance(0.3) ? (letters[at] as string) : letter);
    else if (edit === 2) letters[at] = letter;
    else if (at > 0) [letters[at - 1], letters[at]] = [letters[at] as string, letters[at - 1] as string];
  }
  return letters.join('');
}

/** A random filter; undefined one time in two when `optional`. */
export function makeFilter(
  random: Random,
): NonNullable<import('../../src/core/autocomplete/types').SearchOptions['filter']> {
  const low = random.below(100);
  return {
    ...(random.chance(0.5)
      ? { category: random.chance(0.5) ? random.pick(CATEGORIES) : [random.pick(CATEGORIES), 'none'] }
      : {}),
    ...(random.chance(0.5)
      ? {
          price: {
            ...(random.chance(0.7) ? { gte: low } : {}),
            ...(random.chance(0.7) ? { lte: low + random.below(40) } : {}),
          },
        }
      : {}),
    ...(random.chance(0.5) ? { inStock: random.chance(0.7) } : {}),
  };
}
