'use strict';
/* The ESM face of the library: it re-exports the CommonJS files, so that a program which uses both gets one copy of the
 * classes and one addon. */
const fs = require('node:fs');
const path = require('node:path');

/** Writes index.mjs and index.d.mts beside index.js in `folder`. */
function writeEsmFace(folder) {
  const names = Object.keys(require(path.join(folder, 'index.js')))
    .filter((name) => name !== 'default' && !name.startsWith('__'))
    .sort();
  if (names.length === 0) throw new Error(`${folder}/index.js exports nothing`);
  fs.writeFileSync(path.join(folder, 'index.mjs'), `export { ${names.join(', ')} } from './index.js';\n`);
  fs.writeFileSync(path.join(folder, 'index.d.mts'), `export * from './index.js';\n`);
}

module.exports = { writeEsmFace };
