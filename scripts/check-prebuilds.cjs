'use strict';
/* npm run check:prebuilds: refuses binaries that would fail at a user's: another architecture or C library than the name
 * says, too new a glibc, names that leak out.
 *   -- --max-glibc 2.28          (default: this machine's; what a release allows is in the workflow)
 *   -- --require linux-x64-glibc,darwin-arm64,...   also fail when one of these is absent
 *   -- --folder <path>           instead of prebuilds/ */
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { compareVersions, inspectBinary } = require('./binary.cjs');

const { values } = parseArgs({
  options: {
    'max-glibc': { type: 'string' },
    require: { type: 'string', default: '' },
    folder: { type: 'string', default: path.resolve(__dirname, '../prebuilds') },
  },
});
const thisGlibc = process.platform === 'linux' ? process.report.getReport().header.glibcVersionRuntime : undefined;
const maxGlibc = values['max-glibc'] ?? thisGlibc;
const ALLOWED_EXPORT = /^(napi_register_module_v\d+|node_api_module_get_api_version_v\d+|_init|_fini)$/;

/** What is wrong with one file, in words. */
function faultsOf(platform, name, binary) {
  const [os, architectures] = [platform.slice(0, platform.indexOf('-')), platform.slice(platform.indexOf('-') + 1)];
  const libc = /\.(glibc|musl)\./.exec(name)?.[1];
  const faults = [];
  if (binary.os !== os) faults.push(`is for ${binary.os}`);
  for (const architecture of architectures.split('+'))
    if (!binary.architectures.includes(architecture)) faults.push(`is for ${binary.architectures.join(' and ')}`);
  if (os !== 'linux') return faults;
  if (!libc) faults.push('does not say glibc or musl in its name (--tag-libc)');
  if (libc === 'glibc' && !binary.glibc) faults.push('is not linked with glibc');
  if (libc === 'musl' && binary.glibc) faults.push(`needs glibc ${binary.glibc}`);
  if (libc === 'glibc' && binary.glibc && maxGlibc && compareVersions(binary.glibc, maxGlibc) > 0)
    faults.push(`needs glibc ${binary.glibc}, the limit is ${maxGlibc}`);
  const leaks = (binary.exports ?? []).filter((symbol) => !ALLOWED_EXPORT.test(symbol));
  if (leaks.length > 0) faults.push(`exports ${leaks.slice(0, 3).join(', ')}${leaks.length > 3 ? ', ...' : ''}`);
  return faults;
}

const faults = [];
const present = new Set();
const platforms = fs.existsSync(values.folder) ? fs.readdirSync(values.folder) : [];
for (const platform of platforms) {
  for (const name of fs.readdirSync(path.join(values.folder, platform))) {
    const bytes = fs.readFileSync(path.join(values.folder, platform, name));
    const binary = inspectBinary(bytes);
    const libc = /\.(glibc|musl)\./.exec(name)?.[1];
    present.add(libc ? `${platform}-${libc}` : platform);
    faults.push(...faultsOf(platform, name, binary).map((fault) => `${platform}/${name} ${fault}`));
    const needs = binary.glibc ? `, needs glibc ${binary.glibc}` : '';
    console.log(`${platform}/${name}: ${Math.round(bytes.length / 1024)} KiB${needs}`);
  }
}
const wanted = values.require.split(',').filter(Boolean);
faults.push(...wanted.filter((platform) => !present.has(platform)).map((platform) => `${platform} is missing`));
if (present.size === 0) faults.push(`there is no prebuild in ${values.folder}`);
for (const fault of faults) console.error(`easy11: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
