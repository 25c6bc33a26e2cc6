import { hashOf, paletteOf } from './colours';
import { MOTIFS, type MotifName } from './motifs';

/** What a picture is made from. */
export interface Pictured {
  readonly name: string;
  /** The path of its category; empty for none. */
  readonly path: string;
}

/** The first of these that the name has decides what is drawn. */
const BY_NAME: readonly (readonly [RegExp, MotifName])[] = [
  [/\b(bunting|garland|streamers)\b/, 'bunting'],
  [/\bcards?\b/, 'card'],
  [/\b(wrapping paper|gift wrap|gift (box|bag|tags)|ribbon)\b/, 'gift'],
  [/\b(t-light|tea light|candlestick|candles?)\b/, 'candle'],
  [/\blanterns?\b/, 'lantern'],
  [/\b(teapot|kettle|coffee pot|cafetière|moka)\b/, 'teapot'],
  [/\b(teacup|mugs?|cups?)\b/, 'mug'],
  [/\b(cake ?stand|cupcakes?|muffins?|cakes?|tartlets?|éclairs)\b(?! tin)/, 'cake'],
  [/\b(alarm clock|clock)\b/, 'clock'],
  [/\b(frame|mirror|picture)\b/, 'frame'],
  [/\b(cushion|pillow)\b/, 'cushion'],
  [/\b(lunch bag|jumbo bag|bag|shopper)\b/, 'bag'],
  [/\b(bowls?)\b/, 'bowl'],
  [/\b(basket|trug)\b/, 'basket'],
  [/\b(vase|pitcher)\b/, 'vase'],
  [/\b(notebook|diary|journal|sketchbook|album|recipe book|address book)\b/, 'notebook'],
  [/\b(tumbler|wine glass|flute|glass jug|carafe|decanter)\b/, 'glass'],
  [/\b(fork|knife|spoon|teaspoon|cutlery)\b/, 'cutlery'],
  [/\b(plates?|platter)\b/, 'plate'],
  [/\b(bird ?house|nest box|bird feeder|bee house|hedgehog house)\b/, 'birdhouse'],
  [/\b(plant pot|planter|herb pot|window box|trough|plug plants)\b/, 'plant'],
  [/\b(trowel|spade|fork|rake|hoe|dibber)\b/, 'trowel'],
  [/\b(spray|cleaner|degreaser|remover)\b/, 'spray'],
  [/\b(brush|broom|mop)\b/, 'brush'],
  [/\b(soap bar|soap|shampoo bar)\b/, 'soap'],
  [/\b(tea towel|napkin|towel|throw|blanket|tablecloth|apron|runner)\b/, 'cloth'],
  [/\b(oil|vinegar|sauce|ketchup|juice|cordial|milk|cream|lotion|wash|shampoo|water|soda|tonic)\b/, 'bottle'],
  [/\b(jar|jam|honey|marmalade|chutney|paste|pesto|canister|caddy)\b/, 'jar'],
  [/\b(box|tin|drawer|chest)\b/, 'box'],
  [/\b(flowers?|rose|daisy|seeds?|bulbs?)\b/, 'flower'],
  [/\b(heart|doll|magnet|ornament|decoration|bauble)\b/, 'gift'],
];

const BY_PATH: Readonly<Record<string, MotifName>> = {
  pantry: 'bag',
  'pantry/pasta-and-noodles': 'bag',
  'pantry/rice-and-grains': 'bag',
  'pantry/beans-and-pulses': 'bag',
  'pantry/oils-and-vinegars': 'bottle',
  'pantry/herbs-and-spices': 'jar',
  'pantry/sauces-and-pastes': 'jar',
  bakery: 'bread',
  'bakery/bread': 'bread',
  'bakery/cakes-and-pastries': 'cake',
  'bakery/flour-and-baking': 'bag',
  'bakery/cereals-and-muesli': 'box',
  fresh: 'fruit',
  'fresh/fruit': 'fruit',
  'fresh/vegetables': 'vegetable',
  'fresh/cheese': 'cheese',
  'fresh/milk-and-yoghurt': 'bottle',
  snacks: 'bag',
  'snacks/chocolate': 'bar',
  'snacks/biscuits': 'biscuit',
  'snacks/crisps-and-nuts': 'bag',
  'snacks/jams-and-honey': 'jar',
  'snacks/sweets': 'jar',
  drinks: 'bottle',
  'drinks/tea': 'box',
  'drinks/coffee': 'bag',
  'drinks/juices-and-cordials': 'bottle',
  'drinks/soft-drinks-and-water': 'bottle',
  kitchen: 'pan',
  'kitchen/mugs': 'mug',
  'kitchen/teapots': 'teapot',
  'kitchen/pots-and-pans': 'pan',
  'kitchen/bakeware': 'tin',
  'kitchen/utensils': 'whisk',
  'kitchen/storage': 'jar',
  table: 'plate',
  'table/plates-and-bowls': 'plate',
  'table/glasses-and-jugs': 'glass',
  'table/cutlery': 'cutlery',
  'table/table-linen': 'cloth',
  home: 'frame',
  'home/candles-and-lanterns': 'candle',
  'home/cushions-and-throws': 'cushion',
  'home/clocks-and-frames': 'clock',
  'home/baskets-and-boxes': 'basket',
  'home/vases': 'vase',
  cleaning: 'spray',
  'cleaning/laundry': 'bottle',
  'cleaning/surface-and-dishes': 'spray',
  'cleaning/brushes-and-cloths': 'brush',
  garden: 'plant',
  'garden/pots-and-planters': 'plant',
  'garden/seeds-and-bulbs': 'flower',
  'garden/tools': 'trowel',
  'garden/birds-and-bees': 'birdhouse',
  'cards-and-gifts': 'card',
  'cards-and-gifts/greeting-cards': 'card',
  'cards-and-gifts/gift-wrap': 'gift',
  'cards-and-gifts/notebooks-and-pens': 'notebook',
  'cards-and-gifts/party': 'bunting',
  'bath-and-body': 'soap',
  'bath-and-body/soap': 'soap',
  'bath-and-body/towels': 'cloth',
};

/** A category may be called "constructor": only what a table itself holds counts. */
const ownValue = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** Things that share a shelf with something that looks different. */
const EXCEPTIONS: Readonly<Record<string, readonly (readonly [RegExp, MotifName])[]>> = {
  'table/plates-and-bowls': [[/bowl/, 'bowl']],
  'home/candles-and-lanterns': [[/lantern|lamp/, 'lantern']],
  'home/clocks-and-frames': [[/frame|mirror|ledge|board/, 'frame']],
  'home/cushions-and-throws': [[/throw|blanket/, 'cloth']],
  'cleaning/surface-and-dishes': [[/liquid/, 'bottle']],
  'cleaning/brushes-and-cloths': [[/cloth|duster|sponge/, 'cloth']],
  'bath-and-body/soap': [[/wash|lotion|oil$|cream/, 'bottle']],
};

const ANY: readonly MotifName[] = ['gift', 'box', 'bag', 'vase', 'bowl', 'frame', 'card', 'jar'];

/** What a product's picture shows: its shelf says it best in our own shop, elsewhere its name. */
export function motifOf({ name, path }: Pictured): MotifName {
  const words = name.toLowerCase();
  const shelf = ownValue(BY_PATH, path);
  const exception = ownValue(EXCEPTIONS, path)?.find(([pattern]) => pattern.test(words))?.[1];
  if (shelf && path.includes('/')) return exception ?? shelf;
  const named = BY_NAME.find(([pattern]) => pattern.test(words))?.[1];
  return named ?? shelf ?? ownValue(BY_PATH, path.split('/')[0] ?? '') ?? ANY[hashOf(name) % ANY.length] ?? 'gift';
}

/**
 * A picture of a product as SVG: the thing that its category or name says, in the colour that its name says, on a quiet
 * ground. The same for the same product always, clear at 48 pixels and at 480.
 */
export function productPicture(product: Pictured): string {
  const motif = motifOf(product);
  const palette = paletteOf(product.name, motif);
  const title = product.name.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="480" height="480" role="img">` +
    `<title>${title}</title><rect width="100" height="100" fill="${palette.background}"/>` +
    `<ellipse cx="50" cy="85" rx="34" ry="5" fill="#000" opacity=".1"/>` +
    `${MOTIFS[motif](palette)}</svg>`
  );
}
