'use strict';
/* What a compiled addon says about itself, read from its bytes. */

const ELF_MACHINES = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' };
const MACH_O_TYPES = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const PE_MACHINES = { 0x14c: 'ia32', 0x8664: 'x64', 0xaa64: 'arm64' };

/** Orders versions such as '2.9' and '2.28'. */
function compareVersions(left, right) {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  return a[0] - b[0] || (a[1] ?? 0) - (b[1] ?? 0);
}

const SHT_DYNSYM = 11;

/** The names that a 64-bit little-endian ELF file offers to others. */
function elfExports(bytes) {
  const sections = Number(bytes.readBigUInt64LE(40));
  const size = bytes.readUInt16LE(58);
  const at = (index) => {
    const start = sections + index * size;
    const [offset, length] = [24, 32].map((field) => Number(bytes.readBigUInt64LE(start + field)));
    return { type: bytes.readUInt32LE(start + 4), offset, length, link: bytes.readUInt32LE(start + 40) };
  };
  const all = Array.from({ length: bytes.readUInt16LE(60) }, (_, index) => at(index));
  const table = all.find(({ type }) => type === SHT_DYNSYM);
  if (!table) return [];
  const strings = all[table.link].offset;
  const names = [];
  for (let symbol = table.offset; symbol < table.offset + table.length; symbol += 24) {
    const isLocal = bytes[symbol + 4] >> 4 === 0;
    const isDefined = bytes.readUInt16LE(symbol + 6) !== 0;
    const start = strings + bytes.readUInt32LE(symbol);
    if (isDefined && !isLocal) names.push(bytes.toString('latin1', start, bytes.indexOf(0, start)));
  }
  return names;
}

function inspectElf(bytes) {
  const text = bytes.toString('latin1');
  const versions = [...text.matchAll(/GLIBC_(\d+\.\d+)/g)].map((match) => match[1]).sort(compareVersions);
  const architectures = [ELF_MACHINES[bytes.readUInt16LE(18)]];
  return { os: 'linux', architectures, glibc: versions.at(-1), exports: elfExports(bytes) };
}

/**
 * @param {Buffer} bytes
 * @returns {{ os: string, architectures: (string | undefined)[], glibc?: string, exports?: string[] }}
 *   `glibc`: the newest version of it that the file needs
 */
function inspectBinary(bytes) {
  if (bytes.length < 64) return { os: 'unknown', architectures: [] };
  if (bytes.readUInt32BE(0) === 0x7f454c46) return inspectElf(bytes);
  if (bytes.readUInt32LE(0) === 0xfeedfacf)
    return { os: 'darwin', architectures: [MACH_O_TYPES[bytes.readUInt32LE(4)]] };
  if (bytes.readUInt32BE(0) === 0xcafebabe) {
    const kinds = Array.from({ length: bytes.readUInt32BE(4) }, (_, index) => bytes.readUInt32BE(8 + 20 * index));
    return { os: 'darwin', architectures: kinds.map((kind) => MACH_O_TYPES[kind]) };
  }
  if (bytes.toString('latin1', 0, 2) === 'MZ')
    return { os: 'win32', architectures: [PE_MACHINES[bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4)]] };
  return { os: 'unknown', architectures: [] };
}

module.exports = { compareVersions, inspectBinary };
