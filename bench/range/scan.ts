import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeProducts, makeRanges } from './data';

/** Compiles scan.cc and runs it on the benchmark's columns: what a scan costs when memory is the limit. */
const [sizeText = '1000000'] = process.argv.slice(2);
const products = makeProducts(Number(sizeText));
const folder = mkdtempSync(path.join(tmpdir(), 'easy11-scan-'));
const result: Record<string, number> = {};
try {
  const program = path.join(folder, 'scan');
  const data = path.join(folder, 'columns');
  execFileSync(process.env['CXX'] ?? 'c++', ['-std=c++17', '-O3', path.join(__dirname, 'scan.cc'), '-o', program]);
  writeFileSync(data, Buffer.concat([products.price, products.rating].map((column) => Buffer.from(column.buffer))));
  for (const share of [0.1, 0.5]) {
    const ranges = makeRanges(products, share, 8);
    const bounds = ranges.flatMap(({ lo, hi }) => [String(lo), String(hi)]);
    const output = execFileSync(program, [data, sizeText, ...bounds], { encoding: 'utf8' });
    const { count = NaN, aggregate = NaN, rows = NaN, isa = 0 } = JSON.parse(output) as Record<string, number>;
    Object.assign(result, {
      [`count ${share}`]: count,
      [`aggregate ${share}`]: aggregate,
      [`rows ${share}`]: rows,
      isa,
    });
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(JSON.stringify(result));
