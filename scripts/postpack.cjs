'use strict';
/* After `npm pack` and `npm publish`: the full package.json again. */
const { restoreManifest } = require('./manifest.cjs');

restoreManifest();
