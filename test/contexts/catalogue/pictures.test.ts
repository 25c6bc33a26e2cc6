import fc from 'fast-check';
import request from 'supertest';
import { demoProducts } from '../../../src/contexts/catalogue/demo';
import { motifOf, productPicture } from '../../../src/contexts/catalogue/pictures';
import { openShop } from './shop';

/** Whether every tag is closed in order: enough to know that a browser reads it as XML. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, slash, name, closed] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (slash) {
      if (open.pop() !== name) return false;
    } else if (!closed) open.push(String(name));
  }
  const text = svg.replace(/<[^<>]*>/g, '');
  return open.length === 0 && !/[<>]|&(?!amp;|lt;)/.test(text.replace(/>/g, ''));
}

describe('a picture', () => {
  test('shows what the product is, in the colour of its name', () => {
    expect(motifOf({ name: 'Red Enamel Teapot 1.2 L', path: 'kitchen/teapots' })).toBe('teapot');
    expect(motifOf({ name: 'RED RETROSPOT MUG', path: '' })).toBe('mug');
    expect(motifOf({ name: 'White Pasta Bowl', path: 'table/plates-and-bowls' })).toBe('bowl');
    const [red, blue] = ['Red', 'Blue'].map((colour) =>
      productPicture({ name: `${colour} Mug`, path: 'kitchen/mugs' }),
    );
    expect(red).not.toBe(blue);
  });

  test('is the same for the same product, small, whole, and differs from shelf to shelf', () => {
    const shelves = new Map<string, string>();
    const wrong: string[] = [];
    for (const { name, category } of demoProducts({ products: 2000, seed: 11 })) {
      const picture = productPicture({ name: name!, path: category! });
      if (picture !== productPicture({ name: name!, path: category! })) wrong.push(`${name}: differs`);
      if (picture.length > 2500 || !isWellFormed(picture)) wrong.push(`${name}: ${picture}`);
      shelves.set(category!, motifOf({ name: name!, path: category! }));
    }
    expect(wrong).toEqual([]);
    expect(new Set(shelves.values()).size).toBeGreaterThan(25);
  });

  test('is well-formed whatever the name is', () => {
    // Names that every object has: a table that is looked into carelessly answers with a function.
    const inherited = fc.constantFrom('constructor', 'valueOf', '__proto__', 'toString/hasOwnProperty');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.oneof(fc.string(), inherited), (name, path) => {
        const svg = productPicture({ name, path });
        const [, title = ''] = /<title>([^]*)<\/title>/.exec(svg) ?? [];
        return !title.includes('<') && !/&(?!amp;|lt;)/.test(title);
      }),
      { seed: 1 },
    );
  });

  test('has an address of its own and is kept by caches until the product changes', async () => {
    const shop = await openShop();
    try {
      const { id } = await shop.product({ name: '<script>alert(1)</script> & Co' });
      const answer = await request(shop.app).get(`/media/products/${id}.svg`);
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringContaining('image/svg+xml'),
        'cache-control': 'public, max-age=86400, stale-while-revalidate=604800',
        etag: '"1"',
      });
      expect(String(answer.body)).not.toContain('<script>');
      const again = await request(shop.app).get(`/media/products/${id}.svg`).set('If-None-Match', '"1"');
      expect(again.status).toBe(304);
      expect((await request(shop.app).get('/media/products/nothing.svg')).status).toBe(404);
    } finally {
      await shop.close();
    }
  });
});
