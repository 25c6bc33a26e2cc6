// A thread that attaches to a shared index, changes it, and looks at what it finds. Posts 'done', or an error's code.
'use strict';
require('tsx/cjs');
const { parentPort, workerData } = require('node:worker_threads');
const core = require('../../src/core/index.ts');

const { token, number } = workerData;

function work() {
  const index = core.Autocomplete.attach(token);
  const before = index.size;
  if (index.searchIds('b').length === 0) return 'found nothing';
  for (let i = 0; i < 400; i++) index.set({ id: `w${number}-${i}`, text: `zyzzyva ${number} ${i}`, weight: i });
  for (let i = 0; i < 200; i++) index.delete(`w${number}-${i}`);
  const own = index.search(`zyzzyva ${number}`, { limit: 1_000, fuzzy: false });
  const mine = own.filter(({ id }) => id.startsWith(`w${number}-`));
  if (mine.length !== 200 || mine[0].id !== `w${number}-399`) return `found ${mine.length} of its own entries`;
  if (index.size < before - 600) return 'lost entries';
  index.close();
  return 'done';
}

try {
  parentPort.postMessage(work());
} catch (error) {
  parentPort.postMessage(error.code ?? String(error));
}
