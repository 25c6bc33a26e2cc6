import { AlsModel } from './als-model';
import type { EvaluateOptions, Evaluation } from './evaluate';
import type { TuneOptions, Tuning } from './tune';
import type { Interaction } from './types';

/** `AlsModel.evaluate` as a function. */
export const evaluateAls = (interactions: Iterable<Interaction>, options: EvaluateOptions = {}): Promise<Evaluation> =>
  AlsModel.evaluate(interactions, options);

/** `AlsModel.tune` as a function. */
export const tuneAls = (interactions: Iterable<Interaction>, options: TuneOptions = {}): Promise<Tuning> =>
  AlsModel.tune(interactions, options);
