/** How the vocabulary of the demo shop is written down. */

/** A word with what it does to the price: "1 kg*1.8". The empty word leaves its place out. */
export type Word = string;

/** A way to name products: places in braces take each of their words in turn. */
export interface Pattern {
  readonly text: string;
  readonly places: Readonly<Record<string, readonly Word[]>>;
}

export interface Shelf {
  readonly path: string;
  readonly name: string;
  /** Begins the skus of the shelf. */
  readonly code: string;
  /** The price of a plain one, in minor units. */
  readonly price: number;
  /** What the shop keeps of its prices, as a rule. */
  readonly margin: number;
  readonly brands: readonly string[];
  readonly patterns: readonly Pattern[];
  /** Sentences for descriptions. */
  readonly sentences: readonly string[];
}

export interface Department {
  readonly path: string;
  readonly name: string;
  /** What the shop keeps of its prices, as a rule: less of food than of what is bought once. */
  readonly margin: number;
  readonly brands: readonly string[];
  readonly sentences: readonly string[];
  readonly shelves: readonly Omit<Shelf, 'margin' | 'brands' | 'sentences'>[];
}

export const pattern = (text: string, places: Readonly<Record<string, readonly Word[]>>): Pattern => ({ text, places });

/** Words that many shelves share. */
export const COLOURS = [
  'Red',
  'Navy Blue',
  'Sky Blue',
  'Sage Green',
  'Forest Green',
  'Mustard Yellow',
  'Blush Pink',
  'Ivory',
  'White',
  'Charcoal',
  'Black',
  'Terracotta',
  'Duck Egg',
  'Lavender',
  'Teal',
  'Grey',
];
export const BRIGHT = ['Red', 'Orange', 'Yellow', 'Green', 'Blue', 'Purple', 'Pink', 'Turquoise'];
export const PRINTS = [
  'Polka Dot',
  'Striped',
  'Gingham',
  'Floral',
  'Botanical',
  'Leaf Print',
  'Bee Print',
  'Star Print',
  'Rose Print',
  'Bird Print',
  'Citrus Print',
  'Plain',
];
export const ORGANIC = ['', 'Organic*1.35'];
export const WEIGHTS = ['250 g*0.6', '500 g', '750 g*1.4', '1 kg*1.8', '2 kg*3.3'];
export const SMALL_WEIGHTS = ['75 g*0.6', '100 g*0.75', '150 g', '200 g*1.25', '400 g*2.2'];
export const VOLUMES = ['250 ml*0.6', '330 ml*0.7', '500 ml', '750 ml*1.4', '1 L*1.7'];

/** "1 kg*1.8" is the word "1 kg" and the factor 1.8. */
export function readWord(word: Word): { text: string; factor: number } {
  const star = word.lastIndexOf('*');
  return star < 0 ? { text: word, factor: 1 } : { text: word.slice(0, star), factor: Number(word.slice(star + 1)) };
}

/** How many different products a pattern can name. */
export const sizeOf = ({ places }: Pattern): number =>
  Object.values(places).reduce((product, words) => product * words.length, 1);

/** The product of a pattern with this number, and what its words do to the price. */
export function nameAt({ text, places }: Pattern, number: number): { name: string; factor: number } {
  let rest = number;
  let factor = 1;
  const chosen = new Map<string, string>();
  for (const [place, words] of Object.entries(places)) {
    const word = readWord(words[rest % words.length] ?? '');
    rest = Math.floor(rest / words.length);
    factor *= word.factor;
    chosen.set(place, word.text);
  }
  const name = text.replace(/\{(\w+)\}/g, (_, place: string) => chosen.get(place) ?? '');
  return { name: name.replace(/\s+/g, ' ').replace(/ ,/g, ',').replace(/,$/, '').trim(), factor };
}
