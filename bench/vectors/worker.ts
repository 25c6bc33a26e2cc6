import { SparseVectorIndex } from '../../src/core';
import { randomSource } from '../recommendations/generated';
import { fill, Rows, type Vocabulary } from './data';

const LIMIT = 40;
const QUERIES = 2_000;
const CHECKED = 20;

export interface VectorsMeasured {
  readonly backend: string;
  readonly terms: number;
  /** Bytes a row. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly put: number;
  readonly refresh: number;
  readonly longest: number;
  /** Milliseconds of the processor for a search: percentiles. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
  /** Of the entries of all rows: read for a search, at the median and at most. */
  readonly read: number;
  readonly mostRead: number;
  readonly change: number;
  readonly brute: number;
  readonly wrong: number;
  readonly checked: number;
}

/** Of this thread: the collector's threads are not in it where Node can tell. Milliseconds. */
function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** What comparing with every row finds. */
class BruteForce {
  readonly #given: Float64Array;
  readonly #factors: Float64Array;
  readonly #squares: Float64Array;

  constructor(private readonly rows: Rows) {
    const { count, starts, terms, weights, numbers } = rows;
    const counts = new Uint32Array(numbers.size);
    for (let e = 0; e < rows.end; e++) counts[terms[e] as number] = (counts[terms[e] as number] as number) + 1;
    this.#factors = Float64Array.from(counts, (have) => Math.log(1 + count / have) ** 2);
    this.#given = new Float64Array(numbers.size);
    this.#squares = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      let square = 0;
      for (let e = starts[row] as number; e < (starts[row + 1] as number); e++)
        square += (weights[e] as number) ** 2 * (this.#factors[terms[e] as number] as number);
      this.#squares[row] = square;
    }
  }

  /** The greatest cosines. */
  nearest(to: number): Float64Array {
    const { count, starts, terms, weights } = this.rows;
    const each = (call: (term: number, weight: number) => void): void => {
      for (let e = starts[to] as number; e < (starts[to + 1] as number); e++)
        call(terms[e] as number, weights[e] as number);
    };
    each((term, weight) => {
      this.#given[term] = weight * (this.#factors[term] as number);
    });
    const cosines = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      let shared = 0;
      for (let e = starts[row] as number; e < (starts[row + 1] as number); e++)
        shared += (weights[e] as number) * (this.#given[terms[e] as number] as number);
      if (shared > 0 && row !== to)
        cosines[row] = shared / Math.sqrt((this.#squares[to] as number) * (this.#squares[row] as number));
    }
    each((term) => {
      this.#given[term] = 0;
    });
    return cosines.sort().subarray(-LIMIT).reverse();
  }
}

/** Fills an index, asks it, changes it, and holds answers against brute force. Prints one JSON line. */
async function main(): Promise<void> {
  const [vocabulary, size] = process.argv.slice(2) as [Vocabulary, string];
  const rows = new Rows(Number(size));
  const index = new SparseVectorIndex({ weighting: 'rarity' });
  const filled = await fill(index, rows, vocabulary);
  const { backend, terms, entries, bytes } = index.stats();
  const random = randomSource(9);
  const target = { ids: new Uint32Array(LIMIT), scores: new Float64Array(LIMIT) };
  const [times, read]: [number[], number[]] = [[], []];
  for (let i = 0; i < QUERIES; i++) {
    const row = Math.floor(rows.count * random());
    const start = processor();
    index.nearestInto(row, target);
    times.push(processor() - start);
    read.push(index.stats().entriesRead / entries);
  }
  const brute = new BruteForce(rows);
  let [took, wrong] = [0, 0];
  for (let i = 0; i < CHECKED; i++) {
    const row = Math.floor(rows.count * random());
    const start = processor();
    const wanted = brute.nearest(row);
    took += processor() - start;
    const found = index.nearestInto(row, target);
    wanted.forEach((score, k) => {
      if (score > 0 && !(k < found && Math.abs((target.scores[k] as number) - score) < 1e-9)) wrong++;
    });
  }
  const changes = 20_000;
  const start = processor();
  for (let i = 0; i < changes; i++) {
    const row = Math.floor(rows.count * random());
    index.put(row, index.get(Math.floor(rows.count * random())) ?? {});
  }
  const change = (processor() - start) / changes;
  times.sort((a, b) => a - b);
  read.sort((a, b) => a - b);
  const at = (values: readonly number[], share: number): number =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))] as number;
  const result: VectorsMeasured = {
    backend,
    terms,
    bytes: bytes / rows.count,
    ...filled,
    p50: at(times, 0.5),
    p95: at(times, 0.95),
    p99: at(times, 0.99),
    most: at(times, 1),
    read: at(read, 0.5),
    mostRead: at(read, 1),
    change,
    brute: took / CHECKED,
    wrong,
    checked: CHECKED,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
