import { applyEvent } from '../../../src/contexts/search/index-follower';
import { Projection } from '../../../src/contexts/search/projection';
import { suggestionQuerySchema, suggestionsAnswerSchema, type Suggestion } from '../../../src/contexts/search';
import { PRODUCT_DELETED, PRODUCT_UPDATED, type SearchableProduct } from '../../../src/contexts/catalogue';
import type { PublishedEvent } from '../../../src/platform/outbox';
import { mugs, product, streamed, suggestionsOf } from './support';

let projection: Projection | undefined;
afterEach(() => projection?.close());

async function build(...products: SearchableProduct[]): Promise<Projection> {
  projection = await Projection.build(() => streamed(products), new AbortController().signal);
  return projection;
}

function ask(from: Projection, q: string, parameters: Record<string, string> = {}): Suggestion[] {
  const answer = from.answer(suggestionQuerySchema.parse({ q, ...parameters }));
  suggestionsAnswerSchema.parse(JSON.parse(answer));
  return suggestionsOf(answer);
}
const ids = (suggestions: Suggestion[]): string[] => suggestions.map(({ id }) => id);

function event(type: string, data: { id: string; version: number }): PublishedEvent {
  return {
    id: `product:${data.id}:${data.version}`,
    aggregate: `product:${data.id}`,
    version: data.version,
    type,
    source: '/easy11/catalogue',
    subject: data.id,
    data,
    partition: 0,
    position: 1,
    occurredAt: new Date(),
  };
}

describe('suggestions from the index', () => {
  test('carry everything that a list under a search box shows', async () => {
    const all = await build(product('p1', 'Red Retrospot "Mug"', { category: mugs, brand: 'Acme', popularity: 9 }));
    expect(ask(all, 'red mu')).toEqual([
      {
        id: 'p1',
        sku: 'SKU-p1',
        text: 'Red Retrospot "Mug"',
        highlights: [
          [0, 3],
          [15, 17],
        ],
        brand: 'Acme',
        category: { id: 'cat_mugs', path: 'kitchen/mugs', name: 'Mugs' },
        price: { amount: 295, currency: 'GBP' },
        image: '/media/products/p1.svg',
        inStock: true,
      },
    ]);
  });

  test('come by the brand too, whose match points at nothing in the name', async () => {
    const all = await build(
      product('p1', 'Teapot', { brand: 'Acme' }),
      product('p2', 'Acme Kettle', { brand: 'Acme', popularity: 2 }),
      product('p3', 'Teapot'),
    );
    const found = ask(all, 'acme');
    expect(found.map(({ id, text, highlights }) => ({ id, text, highlights }))).toEqual([
      { id: 'p2', text: 'Acme Kettle', highlights: [[0, 4]] },
      { id: 'p1', text: 'Teapot', highlights: [] },
    ]);
  });

  test('obey category by id and by path, with what lies below, price and stock', async () => {
    const all = await build(
      product('mug', 'Red Mug', { category: mugs }),
      product('tea', 'Red Tea', {
        category: { id: 'cat_tea', path: 'tea', name: 'Tea', ancestorIds: [] },
        inStock: false,
      }),
      product('dear', 'Red Clock', { price: { amount: 9900, currency: 'GBP' } }),
    );
    expect(ids(ask(all, 'red'))).toHaveLength(3);
    for (const category of ['cat_mugs', 'cat_kitchen', 'kitchen', 'kitchen/mugs'])
      expect(ids(ask(all, 'red', { category }))).toEqual(['mug']);
    expect(ids(ask(all, 'red', { category: 'mugs' }))).toEqual([]);
    expect(ids(ask(all, 'red', { 'price.gte': '9900' }))).toEqual(['dear']);
    expect(ids(ask(all, 'red', { 'price.lte': '295', inStock: 'true' }))).toEqual(['mug']);
    expect(ids(ask(all, 'red', { inStock: 'false' }))).toEqual(['tea']);
  });

  test('are none for a query without a word', async () => {
    const all = await build(product('p1', 'Red Mug'));
    for (const q of ['', '   ', '!?', '™']) expect(ask(all, q)).toEqual([]);
  });
});

describe('an event', () => {
  test('changes a product, its rank and all that is shown of it', async () => {
    const all = await build(product('p1', 'Red Mug'), product('p2', 'Red Cup', { popularity: 5 }));
    expect(ids(ask(all, 'red'))).toEqual(['p2', 'p1']);
    const changed = product('p1', 'Red Mug', { popularity: 10, price: { amount: 1, currency: 'EUR' }, version: 2 });
    applyEvent(all, event(PRODUCT_UPDATED, changed));
    const [first] = ask(all, 'red');
    expect(first).toMatchObject({ id: 'p1', price: { amount: 1, currency: 'EUR' } });
  });

  test('that the index is already past changes nothing', async () => {
    const all = await build(product('p1', 'Blue Mug', { version: 3 }));
    applyEvent(all, event(PRODUCT_UPDATED, product('p1', 'Red Mug', { version: 2 })));
    applyEvent(all, event(PRODUCT_UPDATED, product('p1', 'Green Mug', { version: 3 })));
    expect(ask(all, 'mug').map(({ text }) => text)).toEqual(['Blue Mug']);
  });

  test('that ends the sale of a product removes it, and one that resumes it brings it back', async () => {
    const all = await build(product('p1', 'Red Mug'), product('p2', 'Red Cup', { status: 'draft' }));
    expect(ids(ask(all, 'red'))).toEqual(['p1']);
    applyEvent(all, event(PRODUCT_UPDATED, product('p1', 'Red Mug', { status: 'archived', version: 2 })));
    applyEvent(all, event(PRODUCT_UPDATED, product('p2', 'Red Cup', { version: 2 })));
    expect(ids(ask(all, 'red'))).toEqual(['p2']);
    applyEvent(all, event(PRODUCT_DELETED, { id: 'p2', version: 3 }));
    expect(all.size).toBe(0);
  });

  test('of a type that is not known yet is passed over; one that breaks its schema is an error', async () => {
    const all = await build(product('p1', 'Red Mug'));
    applyEvent(all, event('easy11.product.praised.v1', { id: 'p1', version: 2 }));
    expect(() => applyEvent(all, event(PRODUCT_UPDATED, { id: 'p1', version: 3 }))).toThrow();
    expect(ids(ask(all, 'red'))).toEqual(['p1']);
  });
});

test('a product that the index cannot take is left out and named, and all others are there', async () => {
  const all = await build(
    product('p1', 'Red Mug'),
    product('p2', 'Red Cup', { popularity: Infinity }),
    product('p3', 'Red Can'),
  );
  expect(ids(ask(all, 'red')).sort()).toEqual(['p1', 'p3']);
  expect([...all.refused.keys()]).toEqual(['p2']);
});
