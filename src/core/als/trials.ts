import { throwIfAborted } from '../jobs/run-job';
import type { AlsModel } from './als-model';
import { type Point, workOf } from './candidates';
import type { Fit } from './evaluate';
import type { Shape } from './options';
import { nextTurn } from './reading';
import type { Trial, TuneOptions } from './tune';
import type { Interaction, InteractionColumns } from './types';

/** After every training the users are solved once more: half an iteration. */
const LAST_SOLVE = 0.5;

export interface Candidate {
  readonly point: Point;
  /** Its own, or none yet; then it goes on from another's. */
  model: AlsModel | undefined;
  readonly from?: AlsModel | undefined;
  done: number;
  ndcg: number;
}

export const candidateAt = (point: Point): Candidate => ({ point, model: undefined, done: 0, ndcg: 0 });

export const byQuality = (a: Candidate, b: Candidate): number => b.ndcg - a.ndcg;

/** What trainings of a search learn from, are measured on, and have in common. */
export interface Trials {
  readonly fit: Fit;
  readonly train: InteractionColumns;
  readonly test: readonly Interaction[];
  readonly shape: Shape;
  readonly iterations: number;
  readonly most: number;
  /** In full trainings: of `iterations` iterations with `most` factors. */
  readonly budget: number;
  readonly options: Pick<TuneOptions, 'mode' | 'threads' | 'seed' | 'signal' | 'onProgress'>;
}

/** Trains and measures candidates, and keeps account of what that costs, by work. */
export class TrialRunner {
  readonly trials: Trial[] = [];
  /** In full trainings. */
  spent = 0;
  readonly #open = new Set<AlsModel>();

  constructor(private readonly about: Trials) {}

  /** Those of them that can go on to `target` for this sum, the first ones first. */
  affordable(candidates: readonly Candidate[], target: number, sum: number): Candidate[] {
    // Sums of floating-point numbers may end a hair off.
    let left = Math.min(sum, this.about.budget - this.spent) + 1e-9;
    return candidates.filter((one) => {
      const cost = this.#costOf(one, target);
      if (cost > left) return false;
      left -= cost;
      return true;
    });
  }

  async advance(one: Candidate, target: number): Promise<void> {
    const { fit, train, test, iterations } = this.about;
    const { signal, onProgress, ...rest } = this.about.options;
    if (target > one.done) {
      const known = one.model ?? one.from;
      const next = await fit(train, {
        ...{ ...rest, ...one.point, iterations: target - one.done },
        ...(known ? { warmStart: known } : {}),
        ...(signal ? { signal } : {}),
      });
      this.#open.add(next);
      this.spent += this.#costOf(one, target);
      this.drop([one]);
      one.model = next;
      one.done = target;
    }
    throwIfAborted(signal);
    one.ndcg = (await one.model?.evaluate(test))?.ndcg[20] ?? 0;
    const parameters = { ...rest, ...one.point, iterations };
    const trial = { parameters, iterations: target, ndcg: one.ndcg };
    this.trials.push(trial);
    onProgress?.(trial);
    await nextTurn();
  }

  /** Closes the models of candidates that go no further. */
  drop(candidates: readonly Candidate[]): void {
    for (const { model } of candidates) {
      model?.close();
      if (model) this.#open.delete(model);
    }
  }

  close(): void {
    for (const model of this.#open) model.close();
  }

  #costOf({ point, done }: Candidate, target: number): number {
    if (target <= done) return 0;
    const { train, shape, most, iterations } = this.about;
    const share = workOf(train.users.length, shape, point.factors) / workOf(train.users.length, shape, most);
    return (share * (target - done + LAST_SOLVE)) / (iterations + LAST_SOLVE);
  }
}
