import { checkJobOptions } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import type { AlsModel } from './als-model';
import { baselineMetrics, type BaselineMetrics } from './baselines';
import type { Metrics } from './metrics';
import { checkLengths, TRAINING_OPTIONS } from './options';
import { type Split, splitInteractions } from './splits';
import type { FitOptions, History, Interaction, InteractionSource } from './types';

/** `AlsModel.fit`, which needs what is here itself. */
export type Fit = (interactions: InteractionSource, options?: FitOptions) => Promise<AlsModel>;

export interface EvaluateOptions extends Omit<FitOptions, 'warmStart' | 'onProgress'> {
  /** Default: { kind: 'random', share: 0.2 }. */
  readonly split?: Split;
  /** Lengths of lists. Default [20]. */
  readonly at?: readonly number[];
}

/** One model measured beside the baselines. */
export interface Evaluation extends BaselineMetrics {
  readonly als: Metrics;
}

/** What `AlsModel.evaluate` and `evaluateAls` do. */
export async function evaluate(
  fit: Fit,
  interactions: Iterable<Interaction>,
  options: EvaluateOptions,
): Promise<Evaluation> {
  checkOptionNames(options, ['split', 'at', ...TRAINING_OPTIONS]);
  checkJobOptions(options);
  const { split = { kind: 'random' }, at = [20], ...fitOptions } = options;
  checkLengths(at);
  const { train, test, foldIn } = splitInteractions(interactions, split);
  using model = await fit(train, fitOptions);
  const histories = new Map<string, Interaction[]>();
  for (const one of foldIn) {
    const own = histories.get(one.user);
    if (own) own.push(one);
    else histories.set(one.user, [one]);
  }
  for (const [user, history] of histories) await model.updateUser(user, history satisfies History);
  const signal = options.signal ? { signal: options.signal } : {};
  const als = await model.evaluate(test, { at, ...signal });
  return { als, ...(await baselineMetrics([...train, ...foldIn], test, { at, ...signal })) };
}
