/**
 * Generated product titles and keystrokes, the same for every engine: deterministic from a seed, with the shape of a
 * shop. Words follow a Zipf law with a flat head (Mandelbrot), titles have 2 to 8 words, popularity is log-normal.
 */
export interface Corpus {
  /** In rank order: titles[0] is the most popular. Lower-case ASCII words separated by one space. */
  readonly titles: readonly string[];
  readonly weights: Float64Array;
}

export type Mode = 'title prefix' | 'any word' | 'several words' | 'typo';
export const MODES: readonly Mode[] = ['title prefix', 'any word', 'several words', 'typo'];

/** mulberry32: a 32-bit generator that is enough for test data (Tommy Ettinger, public domain description). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const ONSETS =
  'b c d f g h j k l m n p r s t v w z bl br ch cl cr dr fl fr gl gr pl pr sc sh sk sl sp st th tr wh'.split(' ');
const VOWELS = 'a e i o u a e o ai ea ee ou oo'.split(' ');
const CODAS = ['', '', '', 'n', 'r', 's', 't', 'l', 'ck', 'nd', 'st', 'm', 'd'];

function makeVocabulary(size: number, random: () => number): string[] {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] as string;
  const words = new Set<string>();
  while (words.size < size) {
    const syllables = 1 + Math.floor(random() * random() * 4);
    let word = '';
    for (let i = 0; i < syllables; i++) word += pick(ONSETS) + pick(VOWELS) + pick(CODAS);
    if (word.length >= 2 && word.length <= 14) words.add(word);
  }
  return [...words];
}

/** Makes `size` distinct titles over about `size`^0.79 words (55,000 for a million). */
export function makeCorpus(size: number, seed = 11): Corpus {
  const random = randomSource(seed);
  const vocabulary = makeVocabulary(Math.round(size ** 0.79), random);
  const cumulative = new Float64Array(vocabulary.length);
  let total = 0;
  for (let i = 0; i < vocabulary.length; i++) cumulative[i] = total += 1 / (i + 12) ** 1.05;
  const word = (): string => {
    const target = random() * total;
    let low = 0;
    let high = vocabulary.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) < target) low = middle + 1;
      else high = middle;
    }
    return vocabulary[low] as string;
  };
  const titles = new Set<string>();
  while (titles.size < size) {
    const count = 2 + Math.floor((random() + random()) * 3.49);
    titles.add(Array.from({ length: count }, word).join(' '));
  }
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const weights = Float64Array.from({ length: size }, () => Math.exp(3.53 + 1.58 * gauss()))
    .sort()
    .reverse();
  // Distinct weights: every engine then has one right order, and exactness needs no tie rule of the peer's.
  for (let i = 1; i < size; i++) weights[i] = Math.min(weights[i] as number, (weights[i - 1] as number) - 1e-9);
  return { titles: [...titles], weights };
}

export interface Typed {
  readonly query: string;
  /** The word that a misspelt query was meant to be; '' in the other modes. */
  readonly intended: string;
}

/** Queries of a mode as people type them: for a popular title, every prefix of what is being typed. */
export function makeQueries(corpus: Corpus, mode: Mode, count: number, seed = 23): Typed[] {
  const random = randomSource(seed);
  const queries: Typed[] = [];
  while (queries.length < count) {
    // Squaring favours popular titles: shoppers look for what sells.
    const title = corpus.titles[Math.floor(random() ** 2 * corpus.titles.length)] as string;
    queries.push(...keystrokes(title, mode, random));
  }
  return queries.slice(0, count);
}

function keystrokes(title: string, mode: Mode, random: () => number): Typed[] {
  const words = title.split(' ');
  const pick = (): string => words[Math.floor(random() * words.length)] as string;
  const typed = (query: string): Typed => ({ query, intended: '' });
  const prefixes = (text: string): string[] =>
    Array.from({ length: Math.min(text.length, 12) }, (_, i) => text.slice(0, i + 1));
  switch (mode) {
    case 'title prefix':
      return prefixes(title)
        .filter((prefix) => !prefix.endsWith(' '))
        .map(typed);
    case 'any word':
      return prefixes(pick()).map(typed);
    case 'several words': {
      const others = Array.from({ length: 1 + Math.floor(random() * 2) }, pick);
      return prefixes(pick()).map((last) => typed([...others, last].join(' ')));
    }
    case 'typo': {
      const word = pick();
      return word.length < 5 ? [] : [{ query: misspell(word, random), intended: word }];
    }
  }
}

/** One slip: a neighbour swapped, a letter left out, doubled or replaced; never the first. */
export function misspell(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 2));
  const letter = String.fromCharCode(97 + Math.floor(random() * 26));
  const kind = Math.floor(random() * 4);
  if (kind === 0) return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  if (kind === 1) return word.slice(0, at) + word.slice(at + 1);
  if (kind === 2) return word.slice(0, at + 1) + word[at] + word.slice(at + 1);
  return word.slice(0, at) + letter + word.slice(at + 1);
}
