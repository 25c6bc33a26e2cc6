import { Easy11Error } from '../errors';
import type { EngineStatus } from '../jobs/job';
import { checkJobOptions, runJob, throwIfAborted } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { type AlsEngine, FinishMode, Side } from './engine';
import type { Ids } from './ids';
import { openEngine } from './open-engine';
import { checkParameters, defaultParameters, invalid, TRAINING_OPTIONS } from './options';
import { type Block, readInteractions } from './reading';
import { checkStatus, engineError } from './status';
import type { AlsParameters, AlsProgress, FitOptions, InteractionSource } from './types';
import { adopt, copyRows, type WarmSource } from './warm';

/** All that a model holds. */
export interface FittedModel {
  readonly engine: AlsEngine;
  readonly backend: 'native' | 'fallback';
  readonly users: Ids;
  readonly items: Ids;
  readonly parameters: Required<AlsParameters>;
  readonly losses: readonly number[];
}

const explainFit = (status: EngineStatus): Promise<Easy11Error> => Promise.resolve(engineError(status, 'The training'));

const progressOf =
  (phase: AlsProgress['phase']) =>
  (done: number, total: number): AlsProgress => ({ phase, done, total });

/** Reads, builds and trains. Closes the engine if anything goes wrong. */
export async function fit(
  source: InteractionSource,
  options: FitOptions,
  warm: WarmSource | undefined,
): Promise<FittedModel> {
  checkOptionNames(options, [...TRAINING_OPTIONS, 'warmStart', 'extend', 'onProgress']);
  checkJobOptions(options);
  const checked = checkParameters(options);
  if (options.trackLoss !== undefined && typeof options.trackLoss !== 'boolean')
    throw invalid('trackLoss must be a boolean');
  if (options.extend !== undefined && typeof options.extend !== 'boolean') throw invalid('extend must be a boolean');
  if (options.extend && !warm)
    throw invalid('extend needs a warmStart: the model whose interactions are learnt from again');
  if (warm && warm.parameters.factors !== checked.factors)
    throw invalid(`A warm start needs the same number of factors: ${warm.parameters.factors}, not ${checked.factors}`);
  const { engine, backend } = openEngine();
  try {
    const take = (block: Block): void =>
      checkStatus(engine.append(block.users, block.items, block.weights, block.count), 'Reading interactions');
    const before = warm && options.extend ? await adopt(warm, engine, options.signal) : undefined;
    const { users, items, weight } = await readInteractions(source, options, take, before);
    if ((before?.entries ?? 0) === 0 && weight === 0)
      throw new Easy11Error('ERR_EASY11_EMPTY_DATA', 'There is no interaction with a weight above 0 to learn from');
    await runJob((report) => engine.build(users.size, items.size, report), options, progressOf('building'), explainFit);
    const shape = { users: users.size, items: items.size, weight };
    // A warm start goes on with what it was trained with.
    const byDefault = warm?.parameters ?? defaultParameters(shape, checked.nu);
    const parameters = {
      ...checked,
      regularization: checked.regularization ?? byDefault.regularization,
      unobservedWeight: checked.unobservedWeight ?? byDefault.unobservedWeight,
    };
    await configure(engine, parameters, options.signal);
    if (warm && !before) await copyRows(engine, warm, users, items, parameters.factors);
    await runJob(
      (report) =>
        engine.train(parameters.iterations, options.trackLoss ?? false, before ? Side.ITEMS : Side.USERS, report),
      options,
      progressOf('training'),
      explainFit,
    );
    await runJob(() => engine.finish(FinishMode.SOLVE), signalled(options.signal), progressOf('training'), explainFit);
    throwIfAborted(options.signal);
    return { engine, backend, users, items, parameters, losses: engine.losses() };
  } catch (error) {
    engine.close();
    throw error;
  }
}

const signalled = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } => (signal ? { signal } : {});

/** Makes the tables of factors: of a million rows that takes a while, off the event loop as all the rest. */
export function configure(engine: AlsEngine, parameters: Required<AlsParameters>, signal?: AbortSignal): Promise<void> {
  const { factors, regularization, unobservedWeight, nu, mode, threads, seed } = parameters;
  return runJob(
    () => engine.configure(factors, regularization, unobservedWeight, nu, mode === 'exact', threads, seed),
    signalled(signal),
    () => undefined,
    (status) => Promise.resolve(engineError(status, 'Making room for the factors')),
  );
}
