'use strict';
/* Loads the library with one addon file and asks each engine something: node scripts/smoke-addon.cjs <file>. It needs
 * dist/core; as it also runs under an emulated node, it asks little. */
const path = require('node:path');

process.env.EASY11_BACKEND = 'native';
process.env.EASY11_ADDON_PATH = path.resolve(process.argv[2]);
const { AlsModel, Autocomplete, backend, Cache, RangeIndex, SparseVectorIndex } = require('../dist/core');

function expect(what, found, wanted) {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  throw new Error(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}

async function main() {
  const words = await Autocomplete.build([
    { id: 'green', text: 'Green Spot Mug', weight: 3 },
    { id: 'red', text: 'Red Retrospot Mug', weight: 2 },
    { id: 'plate', text: 'Red Retrospot Plate', weight: 1 },
  ]);
  expect('Autocomplete', words.searchIds('red r'), ['red', 'plate']);

  const cache = new Cache({ max: 10 });
  cache.set('mug', { price: 295 });
  expect('Cache', cache.getManyJson(['mug', 'jug']).toString(), '[{"price":295},null]');

  const rows = Array.from({ length: 2_000 }, (_, id) => ({ id, price: id, stock: id % 2 }));
  const prices = await RangeIndex.build(
    { numbers: { price: { type: 'int32', tree: true }, stock: { type: 'int32' } } },
    rows,
  );
  expect('RangeIndex', prices.count({ price: { gte: 500, lte: 1_499 }, stock: { gte: 1 } }), 500);

  const vectors = new SparseVectorIndex();
  for (let id = 0; id < 2_000; id++) vectors.put(id, { tea: 1, [`mark ${id % 1_000}`]: 2 });
  expect('SparseVectorIndex', vectors.nearest(3, { limit: 2 }), [
    { id: 1_003, score: 1 },
    { id: 0, score: 0.2 },
  ]);

  // Two kinds of taste: who has all but one item of a kind is offered that one. 40 factors go through the wide kernels.
  const interactions = [];
  for (let user = 0; user < 40; user++)
    for (let item = 0; item < 10; item++)
      if (user !== 0 || item !== 0) interactions.push({ user: `u${user}`, item: `${user % 2 ? 'tea' : 'mug'}${item}` });
  const model = await AlsModel.fit(interactions, { factors: 40, iterations: 4, seed: 1 });
  expect(
    'AlsModel',
    model.recommend('u0', { limit: 1 }).map(({ item }) => item),
    ['mug0'],
  );

  for (const engine of [words, cache, prices, vectors, model]) engine.close();
  const { isa, platform } = backend();
  console.log(`ok: ${platform}, instruction set ${isa}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
