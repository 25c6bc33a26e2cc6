import { Best } from '../../als/best';
import { type AlsEngine, FinishMode, NO_ITEM, Side } from '../../als/engine';
import { EngineStatus, type Job } from '../../jobs/job';
import { type Cancellation, Failure, runInSlices, startJob, type Steps } from '../steps';
import { halfStep, type Kernels, openKernels, toBasis } from './kernels';
import { type Adopted, copyOf, putTogether, type Row, rowOf } from './extend';
import { type Interactions, Pending, transpose } from './interactions';
import { addRows, factor, Solver, substitute } from './solve';
import { computeLoss, initialTable, lambdaOf, type Settings } from './training';

const NONE: Interactions = { starts: new Uint32Array(1), columns: new Uint32Array(0), weights: new Float32Array(0) };

/** The engine in plain TypeScript: the same algorithms in the same order as the native one, so that both learn the same. */
class FallbackAls implements AlsEngine {
  private pending = new Pending();
  private settings: Settings = { factors: 1, regularization: 0, unobservedWeight: 1, nu: 0, exact: false, seed: 0 };
  private userCount = 0;
  private itemCount = 0;
  private adopted: Adopted | undefined;
  private byUser = NONE;
  private byItem: Interactions | undefined;
  private x: Float32Array = new Float32Array(0);
  private y: Float32Array = new Float32Array(0);
  private base: Float64Array = new Float64Array(0);
  private userGram: Float64Array = new Float64Array(0);
  private norms: Float64Array = new Float64Array(0);
  private order: Uint32Array = new Uint32Array(0);
  private marks: Uint8Array = new Uint8Array(0);
  private solver = new Solver(1);
  /** What the last training ran on. */
  private isa = 'scalar';
  /** Those of the training, until `finish` has used them too. */
  private kernels: Kernels | undefined;
  private readonly lossList: number[] = [];
  private readonly given = new Map<number, Row>();
  private readonly jobs = new Set<Job>();

  adopt(other: AlsEngine, users: number, items: number): Job {
    return this.start(async (cancellation) => {
      if (!(other instanceof FallbackAls) || users > other.userCount || items > other.itemCount)
        throw new Failure(EngineStatus.INVALID_ARGUMENT, 'Not an engine that this one can go on from');
      const { byUser, settings } = other;
      const given = new Map(other.given);
      this.adopted = {
        ...{ users, items, factors: settings.factors },
        x: await runInSlices(copyOf(other.x, users * settings.factors), cancellation),
        y: await runInSlices(copyOf(other.y, items * settings.factors), cancellation),
        rowOf: (user) => given.get(user) ?? rowOf(byUser, user),
      };
    });
  }

  append(users: Uint32Array, items: Uint32Array, weights: Float32Array, count: number): EngineStatus {
    this.pending.append(users, items, weights, count);
    return EngineStatus.OK;
  }

  build(users: number, items: number, onProgress: (done: number, total: number) => void): Job {
    return this.start(async (cancellation) => {
      this.userCount = users;
      this.itemCount = items;
      const total = this.pending.users.length;
      this.byUser = await runInSlices(putTogether(this.pending, this.adopted, users, items), cancellation);
      this.pending = new Pending();
      onProgress(total, total);
    });
  }

  configure(
    factors: number,
    regularization: number,
    unobservedWeight: number,
    nu: number,
    exact: boolean,
    _threads: number,
    seed: number,
  ): Job {
    return this.start(async (cancellation) => {
      this.settings = { factors, regularization, unobservedWeight, nu, exact, seed };
      this.solver = new Solver(factors);
      this.lossList.length = 0;
      this.kernels = undefined;
      const { adopted } = this;
      this.adopted = undefined;
      if (adopted && adopted.factors !== factors) throw new Failure(EngineStatus.INVALID_ARGUMENT, 'Other factors');
      this.x = grown(adopted?.x, this.userCount * factors);
      this.y = adopted
        ? grown(adopted.y, this.itemCount * factors)
        : await runInSlices(initialTable(this.itemCount, factors, seed), cancellation);
    });
  }

  setRows(side: Side, from: number, count: number, values: Float32Array, factors: number): EngineStatus {
    const table = side === Side.USERS ? this.x : this.y;
    if ((from + count) * factors > table.length) return EngineStatus.INVALID_ARGUMENT;
    table.set(values.subarray(0, count * factors), from * factors);
    this.kernels = undefined;
    return EngineStatus.OK;
  }

  rows(side: Side, from: number, count: number, values: Float32Array, factors: number): EngineStatus {
    const table = side === Side.USERS ? this.x : this.y;
    if ((from + count) * factors > table.length) return EngineStatus.INVALID_ARGUMENT;
    values.set(table.subarray(from * factors, (from + count) * factors));
    return EngineStatus.OK;
  }

  train(iterations: number, withLoss: boolean, first: Side, onProgress: (done: number, total: number) => void): Job {
    return this.start(async (cancellation) => {
      const byItem = (this.byItem ??= await runInSlices(transpose(this.byUser, this.itemCount), cancellation));
      const kernels = await this.openKernels(cancellation, this.byUser, byItem);
      const { settings } = this;
      for (let i = 0; i < iterations; i++) {
        if (i > 0 || first === Side.USERS)
          await runInSlices(halfStep(kernels, Side.USERS, this.byUser, settings), cancellation);
        onProgress(2 * i + 1, 2 * iterations);
        await runInSlices(halfStep(kernels, Side.ITEMS, byItem, settings), cancellation);
        if (withLoss || i + 1 === iterations) await runInSlices(kernels.store(), cancellation);
        if (withLoss)
          this.lossList.push(
            await runInSlices(computeLoss(this.x, this.y, this.byUser, byItem, settings), cancellation),
          );
        onProgress(2 * i + 2, 2 * iterations);
      }
    });
  }

  private async openKernels(cancellation: Cancellation, ...rows: readonly Interactions[]): Promise<Kernels> {
    const kernels = await runInSlices(openKernels(this.x, this.y, this.settings, ...rows), cancellation);
    this.isa = kernels.isa;
    this.kernels = kernels;
    return kernels;
  }

  losses(): number[] {
    return [...this.lossList];
  }

  finish(mode: FinishMode): Job {
    return this.start(async (cancellation) => {
      const kernels = this.kernels ?? (await this.openKernels(cancellation, this.byUser));
      await runInSlices(this.finishSteps(kernels, mode), cancellation);
      this.kernels = undefined;
    });
  }

  private *finishSteps(kernels: Kernels, mode: FinishMode): Steps<void> {
    const { factors: f, unobservedWeight } = this.settings;
    if (mode !== FinishMode.KEEP) yield* toBasis(kernels, Side.ITEMS, true, this.settings);
    // From the table as it is: so that a model that was saved and loaded computes with the same numbers.
    const gram = yield* kernels.gram(Side.ITEMS);
    this.base = Float64Array.from({ length: f }, (_, k) => unobservedWeight * (gram[k * f + k] as number));
    if (mode === FinishMode.SOLVE) yield* kernels.solve(Side.USERS, this.byUser, this.base);
    this.userGram = yield* kernels.gram(Side.USERS);
    if (mode !== FinishMode.KEEP) yield* kernels.store();
    this.byItem = undefined;
    this.index();
  }

  /** Items by norm, so that a query can stop early. */
  private index(): void {
    const { factors: f } = this.settings;
    this.norms = Float64Array.from({ length: this.itemCount }, (_, i) => norm(this.y, i * f, f));
    this.order = Uint32Array.from({ length: this.itemCount }, (_, i) => i).sort(
      (a, b) => (this.norms[b] as number) - (this.norms[a] as number) || a - b,
    );
    this.marks = new Uint8Array(this.itemCount);
  }

  bases(out: Float32Array): EngineStatus {
    out.set(this.base);
    out.set(this.userGram, this.settings.factors);
    return EngineStatus.OK;
  }

  private historyOf(user: number): Row {
    return this.given.get(user) ?? rowOf(this.byUser, user);
  }

  historySize(user: number): number {
    return this.historyOf(user).columns.length;
  }

  history(user: number, items: Uint32Array, weights: Float32Array): EngineStatus {
    const own = this.historyOf(user);
    items.set(own.columns);
    weights.set(own.weights);
    return EngineStatus.OK;
  }

  foldIn(items: Uint32Array, weights: Float32Array, count: number, out: Float32Array): EngineStatus {
    const { base, settings } = this;
    const lambda = lambdaOf(settings, count, this.itemCount, base);
    const problem = { factors: this.y, f: settings.factors, columns: items, weights, from: 0, to: count, base, lambda };
    this.solver.solve(problem, true, out, 0);
    return EngineStatus.OK;
  }

  top(
    vector: Float32Array,
    limit: number,
    excluded: Uint32Array,
    excludedCount: number,
    items: Uint32Array,
    scores: Float32Array,
  ): number {
    const { factors: f } = this.settings;
    for (let i = 0; i < excludedCount; i++) this.marks[excluded[i] as number] = 1;
    const best = new Best(limit);
    const own = norm(vector, 0, f) * (1 + 1e-5);
    for (const item of this.order) {
      if (best.full && own * (this.norms[item] as number) < best.bar) break;
      if (this.marks[item] === 0) best.offer(item, Math.fround(product(vector, 0, this.y, item * f, f)));
    }
    for (let i = 0; i < excludedCount; i++) this.marks[excluded[i] as number] = 0;
    best.write(items, scores, 0);
    return best.items.length;
  }

  explain(items: Uint32Array, weights: Float32Array, count: number, item: number, parts: Float32Array): number {
    const { factors: f } = this.settings;
    const m = new Float64Array(f * f);
    const lambda = lambdaOf(this.settings, count, this.itemCount, this.base);
    for (let k = 0; k < f; k++) m[k * f + k] = (this.base[k] as number) + lambda;
    addRows({ factors: this.y, f, columns: items, weights, from: 0, to: count }, m, new Float64Array(f));
    const x = Float64Array.from(this.y.subarray(item * f, item * f + f));
    factor(m, f);
    substitute(m, f, x);
    let score = 0;
    for (let i = 0; i < count; i++) {
      parts[i] = (weights[i] as number) * product(x, 0, this.y, (items[i] as number) * f, f);
      score += parts[i] as number;
    }
    return score;
  }

  updateUser(user: number, items: Uint32Array, weights: Float32Array, count: number): EngineStatus {
    const { factors: f } = this.settings;
    const vector = new Float32Array(f);
    this.foldIn(items, weights, count, vector);
    this.given.set(user, { columns: items.slice(0, count), weights: weights.slice(0, count) });
    if (user === this.userCount) {
      this.userCount++;
      this.x = grown(this.x, this.userCount * f);
    }
    this.x.set(vector, user * f);
    return EngineStatus.OK;
  }

  updateItem(item: number, users: Uint32Array, weights: Float32Array, count: number): EngineStatus {
    const { factors: f, unobservedWeight } = this.settings;
    const m = this.userGram.map((value) => unobservedWeight * value);
    const trace = Float64Array.from({ length: f }, (_, k) => m[k * f + k] as number);
    const lambda = lambdaOf(this.settings, count, this.userCount, trace);
    const y = new Float64Array(f);
    for (let k = 0; k < f; k++) (m[k * f + k] as number) += lambda;
    addRows({ factors: this.x, f, columns: users, weights, from: 0, to: count }, m, y);
    factor(m, f);
    substitute(m, f, y);
    if (item === this.itemCount) {
      this.itemCount++;
      this.y = grown(this.y, this.itemCount * f);
    }
    this.y.set(y, item * f);
    this.index();
    return EngineStatus.OK;
  }

  rank(
    users: Uint32Array,
    limit: number,
    fresh: boolean,
    excludeHistory: boolean,
    excluded: Uint32Array,
    items: Uint32Array,
    scores: Float32Array,
  ): Job {
    const { factors: f } = this.settings;
    return this.start(async (cancellation) => {
      const steps = this.rankSteps(users.length, limit, excludeHistory, excluded, items, scores, (query) => {
        const user = users[query] as number;
        const stored = this.x.subarray(user * f, user * f + f);
        return { ...this.historyOf(user), vector: fresh ? undefined : stored };
      });
      await runInSlices(steps, cancellation);
    });
  }

  rankHistories(
    starts: Uint32Array,
    histories: Uint32Array,
    weights: Float32Array,
    limit: number,
    excludeHistory: boolean,
    excluded: Uint32Array,
    items: Uint32Array,
    scores: Float32Array,
  ): Job {
    return this.start(async (cancellation) => {
      const steps = this.rankSteps(starts.length - 1, limit, excludeHistory, excluded, items, scores, (query) => {
        const [from, to] = [starts[query] as number, starts[query + 1] as number];
        return { columns: histories.subarray(from, to), weights: weights.subarray(from, to), vector: undefined };
      });
      await runInSlices(steps, cancellation);
    });
  }

  private *rankSteps(
    count: number,
    limit: number,
    excludeHistory: boolean,
    excluded: Uint32Array,
    items: Uint32Array,
    scores: Float32Array,
    queryAt: (query: number) => { columns: Uint32Array; weights: Float32Array; vector: Float32Array | undefined },
  ): Steps<void> {
    const folded = new Float32Array(this.settings.factors);
    items.fill(NO_ITEM);
    for (let query = 0; query < count; query++) {
      const { columns, weights, vector } = queryAt(query);
      if (!vector) this.foldIn(columns, weights, columns.length, folded);
      const to = items.subarray(query * limit, (query + 1) * limit);
      const out = new Uint32Array(excluded.length + (excludeHistory ? columns.length : 0));
      out.set(excluded);
      if (excludeHistory) out.set(columns, excluded.length);
      this.top(vector ?? folded, limit, out, out.length, to, scores.subarray(query * limit, (query + 1) * limit));
      yield;
    }
  }

  similar(side: Side, row: number, limit: number, items: Uint32Array, scores: Float32Array): Job {
    const { factors: f } = this.settings;
    return this.start(async (cancellation) => {
      const table = side === Side.USERS ? this.x : this.y;
      const count = table.length / f;
      if (row >= count) throw new Failure(EngineStatus.INVALID_ARGUMENT, 'No such row');
      const best = new Best(limit);
      const own = norm(table, row * f, f);
      function* scan(): Steps<void> {
        for (let other = 0; own > 0 && other < count; other++) {
          const size = norm(table, other * f, f);
          if (other !== row && size > 0)
            best.offer(other, Math.fround(product(table, row * f, table, other * f, f) / (own * size)));
          if (other % 64 === 0) yield;
        }
      }
      items.fill(NO_ITEM);
      await runInSlices(scan(), cancellation);
      best.write(items, scores, 0);
    });
  }

  stats(): ReturnType<AlsEngine['stats']> {
    let entries = this.byUser.columns.length;
    for (const [user, { columns }] of this.given) entries += columns.length - rowOf(this.byUser, user).columns.length;
    const bytes =
      this.x.byteLength +
      this.y.byteLength +
      this.norms.byteLength +
      5 * this.itemCount +
      this.byUser.starts.byteLength +
      8 * entries;
    return { users: this.userCount, items: this.itemCount, entries, bytes, isa: this.isa };
  }

  close(): void {
    for (const job of this.jobs) job.cancel();
    this.x = this.y = new Float32Array(0);
    this.byUser = NONE;
    this.adopted = this.byItem = this.kernels = undefined;
    this.given.clear();
  }

  private start(work: (cancellation: Cancellation) => Promise<void>): Job {
    const job = startJob(work, (ended) => this.jobs.delete(ended));
    this.jobs.add(job);
    return job;
  }
}

function product(a: Float32Array | Float64Array, i: number, b: Float32Array, j: number, f: number): number {
  let sum = 0;
  for (let k = 0; k < f; k++) sum += (a[i + k] as number) * (b[j + k] as number);
  return sum;
}

const norm = (a: Float32Array, at: number, f: number): number => Math.sqrt(product(a, at, a, at, f));

function grown(table: Float32Array | undefined, length: number): Float32Array {
  if (table?.length === length) return table;
  const more = new Float32Array(length);
  if (table) more.set(table);
  return more;
}

/** An empty model of the TypeScript backend. */
export function createFallbackAls(): AlsEngine {
  return new FallbackAls();
}
