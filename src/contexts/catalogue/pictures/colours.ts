/** Colours of pictures: taken from the product's name where it names one, else from a few that go together. */
export interface Palette {
  readonly main: string;
  readonly dark: string;
  readonly light: string;
  readonly background: string;
}

type Hsl = readonly [hue: number, saturation: number, lightness: number];

const NAMED: readonly (readonly [RegExp, Hsl])[] = [
  [/\bnavy\b/, [222, 52, 32]],
  [/\bsky blue\b/, [203, 65, 66]],
  [/\bduck egg\b/, [180, 28, 72]],
  [/\b(teal|turquoise|sea green)\b/, [176, 52, 38]],
  [/\b(cobalt|blue)\b/, [214, 60, 50]],
  [/\b(sage|olive)\b/, [92, 20, 56]],
  [/\b(forest|pine)\b/, [148, 42, 28]],
  [/\b(mint|green|basil|lime|matcha|sencha|pistachio|kale|spinach|pesto|緑茶|抹茶)\b|緑|抹/u, [130, 38, 46]],
  [/\b(mustard|gold|golden|amber|honey|brass|champagne)\b/, [42, 72, 52]],
  [/\b(yellow|lemon|banana|butter|vanilla)\b/, [48, 86, 60]],
  [/\b(terracotta|copper|clay|sandalwood)\b/, [16, 56, 50]],
  [/\b(orange|apricot|clementine|carrot|pumpkin|marmalade|mango|peach)\b/, [28, 86, 56]],
  [/\b(blush|pink|rose|rhubarb)\b/, [346, 62, 72]],
  [/\b(red|ruby|tomato|strawberry|raspberry|cherry|chilli|crimson|retrospot|cranberry)\b/, [4, 68, 50]],
  [/\b(purple|lilac|lavender|violet|damson|plum|fig|blackcurrant|aubergine)\b/, [268, 34, 56]],
  [/\b(black|charcoal|liquorice)\b/, [220, 12, 24]],
  [/\b(grey|silver|steel|zinc|metal|pewter|smoke)\b/, [212, 10, 58]],
  [/\b(chocolate|cocoa|coffee|espresso|walnut|brown|chai)\b/, [22, 42, 34]],
  [/\b(oak|wood|wooden|bamboo|wicker|rattan|seagrass|jute|natural|beech|acacia|kraft|cork)\b/, [34, 44, 58]],
  [/\b(ivory|cream|white|unscented|milk|linen|clear)\b/, [40, 34, 86]],
];

/** What nobody expects to be blue: colours by motif for names without one. */
const NATURAL: Readonly<Record<string, readonly Hsl[]>> = {
  fruit: [
    [4, 66, 52],
    [86, 48, 50],
    [30, 84, 56],
    [342, 56, 46],
  ],
  vegetable: [
    [24, 82, 54],
    [96, 40, 46],
    [348, 44, 44],
  ],
  bread: [
    [30, 56, 54],
    [26, 48, 44],
  ],
  cheese: [
    [44, 84, 62],
    [38, 78, 58],
  ],
  cake: [
    [346, 56, 76],
    [24, 44, 44],
    [44, 74, 74],
  ],
  biscuit: [[32, 54, 54]],
  bar: [[22, 42, 32]],
  basket: [[34, 46, 56]],
  whisk: [[30, 40, 52]],
};

/** For names without a colour: one of these by chance of the name. */
const QUIET: readonly Hsl[] = [
  [12, 58, 56],
  [34, 66, 58],
  [92, 28, 48],
  [160, 34, 44],
  [196, 48, 50],
  [226, 38, 56],
  [280, 28, 56],
  [342, 48, 60],
];

const hsl = ([hue, saturation, lightness]: Hsl): string => `hsl(${hue} ${saturation}% ${lightness}%)`;
const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** FNV-1a (Fowler, Noll, Vo): the same picture for the same name everywhere. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

export function paletteOf(name: string, motif = ''): Palette {
  const words = name.toLowerCase();
  const named = NAMED.find(([pattern]) => pattern.test(words))?.[1];
  const choice = NATURAL[motif] ?? QUIET;
  const [hue, saturation, lightness] = named ?? choice[hashOf(name) % choice.length] ?? [12, 58, 56];
  const backdrop = (hue + 40 + (hashOf(`${name} backdrop`) % 5) * 60) % 360;
  return {
    main: hsl([hue, saturation, lightness]),
    dark: hsl([hue, within(saturation, 12, 60), within(lightness - 18, 12, 66)]),
    light: hsl([hue, within(saturation, 10, 70), within(lightness + 22, 45, 95)]),
    // A light object on a light ground would vanish: its ground is a little deeper.
    background: hsl([backdrop, 34, lightness > 78 ? 80 : 92]),
  };
}
