import { COLOURS, pattern, type Department } from '../words';

const SET = ['', ', Set of 2*1.8', ', Set of 4*3.3'];

export const bath: Department = {
  path: 'bath-and-body',
  name: 'Bath & Body',
  margin: 0.56,
  brands: [
    'Soap & Sail',
    'Fern & Foam',
    'Elder & Wild',
    'Atelier Brume',
    'Plain Good',
    'Sea Glass Apothecary',
    'Nordlys Hus',
  ],
  sentences: [
    'Gentle enough for every day.',
    'Not tested on animals.',
    'Made with essential oils.',
    'Vegan.',
    'Rinses clean and leaves skin soft.',
  ],
  shelves: [
    {
      path: 'soap',
      name: 'Soap & Hand Care',
      code: 'SOA',
      price: 595,
      patterns: [
        pattern('{organic} {scent} {base} {product} {size}{set}', {
          scent: [
            'Lavender',
            'Rose',
            'Lemon Verbena',
            'Sea Salt',
            'Honey',
            'Oat',
            'Geranium',
            'Peppermint',
            'Cedarwood',
            'Charcoal',
            'Neroli',
            'Fig',
            'Rosemary',
            'Unscented',
            'Almond Blossom',
          ],
          base: ['Olive Oil', 'Shea Butter*1.1', 'Goat’s Milk*1.1', 'Coconut', 'Aloe Vera', 'Cocoa Butter*1.1'],
          product: [
            'Soap Bar*0.8',
            'Hand Wash',
            'Hand Cream*1.1',
            'Bath Salts*1.1',
            'Bath Oil*1.4',
            'Body Wash',
            'Body Lotion*1.3',
            'Lip Balm*0.6',
            'Shampoo Bar',
          ],
          organic: ['', 'Organic*1.35'],
          size: ['Travel Size*0.6', 'Standard', 'Large*1.5'],
          set: ['', ', Gift Set*2.2'],
        }),
      ],
    },
    {
      path: 'towels',
      name: 'Towels & Robes',
      code: 'TOW',
      price: 1650,
      patterns: [
        pattern('{colour} {weave} {fabric} {towel}{set}', {
          colour: COLOURS,
          weave: ['', 'Waffle', 'Ribbed', 'Striped', 'Tasselled*1.1', 'Quick-Dry', 'Extra-Soft*1.2'],
          fabric: [
            'Cotton',
            'Organic Cotton*1.3',
            'Egyptian Cotton*1.6',
            'Linen*1.5',
            'Bamboo*1.2',
            'Turkish Cotton*1.4',
          ],
          towel: [
            'Bath Towel',
            'Hand Towel*0.6',
            'Face Cloth*0.3',
            'Bath Sheet*1.5',
            'Bath Mat',
            'Bathrobe*3',
            'Beach Towel*1.3',
          ],
          set: SET,
        }),
      ],
    },
  ],
};
