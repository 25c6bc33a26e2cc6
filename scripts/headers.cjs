'use strict';
const fs = require('node:fs');
const path = require('node:path');

/**
 * The prefix of the running node when its own headers lie beside it (official archives, nvm, Debian, Docker): node-gyp
 * then downloads nothing. undefined when they do not, or when npm_config_nodedir says already where they are.
 */
function localHeaders() {
  if (process.env.npm_config_nodedir || process.platform === 'win32') return undefined;
  const prefix = path.resolve(fs.realpathSync(process.execPath), '../..');
  const header = path.join(prefix, 'include/node/node_version.h');
  if (!fs.existsSync(header) || !fs.existsSync(path.join(prefix, 'include/node/common.gypi'))) return undefined;
  const text = fs.readFileSync(header, 'utf8');
  const version = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
  return version.join('.') === process.versions.node ? prefix : undefined;
}

module.exports = { localHeaders };
