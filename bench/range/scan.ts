import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeProducts, makeRanges } from './data';

/** What a scan took by question, and its check sums; sums of ratings, which it adds in single precision, are not compared. */
export interface Scan {
  readonly name: string;
  readonly times: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, number>>;
}

/** Compiles scan.cc for this machine and runs it on the benchmark's columns: what a scan costs when memory is the limit. */
const [sizeText = '1000000'] = process.argv.slice(2);
const products = makeProducts(Number(sizeText));
const folder = mkdtempSync(path.join(tmpdir(), 'easy11-scan-'));
const times: Record<string, number> = {};
const checks: Record<string, number> = {};
let name = 'scan';
try {
  const program = path.join(folder, 'scan');
  const data = path.join(folder, 'columns');
  const flags = ['-std=c++17', '-O3', '-march=native', '-ffast-math'];
  execFileSync(process.env['CXX'] ?? 'c++', [...flags, path.join(__dirname, 'scan.cc'), '-o', program]);
  const columns = [products.price, products.rating, products.popularity, products.category];
  writeFileSync(data, Buffer.concat(columns.map((column) => Buffer.from(column.buffer))));
  for (const share of [0.1, 0.5]) {
    const bounds = makeRanges(products, share, 8).flatMap(({ lo, hi }) => [String(lo), String(hi)]);
    const output = execFileSync(program, [data, sizeText, ...bounds], { encoding: 'utf8' });
    const found = JSON.parse(output) as Record<string, number>;
    for (const question of ['count', 'aggregate', 'top', 'facets']) {
      times[`${question} ${share}`] = found[question] ?? Number.NaN;
      if (question !== 'aggregate') checks[`${question} ${share}`] = found[`${question} sum`] ?? Number.NaN;
    }
    name = found['isAvx512'] ? 'AVX-512 scan' : 'scan';
  }
} finally {
  rmSync(folder, { recursive: true });
}
const result: Scan = { name, times, checks };
console.log(JSON.stringify(result));
