import type { Outcomes } from './experiments';
import type { ExperimentView, ResultsView } from './schemas';
import { difference, goodnessOfFit, LEVEL, wilson, type Proportion } from './statistics';

/**
 * Less likely than this by chance: the shares are not what the weights say. As strict as is usual for this check, which is made
 * of every experiment (Fabijan et al., Diagnosing Sample Ratio Mismatch, KDD 2019).
 */
const MISMATCH_BELOW = 0.001;

const ONE_LOOK =
  'Each interval holds for one look at one difference, at an end that was chosen before. Whoever looks often and stops when an interval leaves zero will see differences where there are none more often than one time in twenty.';

/** What can be said of an experiment. Pure. */
export function resultsOf(
  experiment: ExperimentView,
  outcomes: (Outcomes & { readonly until: number }) | undefined,
): ResultsView {
  const counts = experiment.variants.map(({ key, weight }) => ({
    key,
    weight,
    ...(outcomes?.variants.get(key) ?? { exposed: 0, converted: 0 }),
  }));
  const proportions = counts.map(({ exposed, converted }): Proportion => ({ successes: converted, trials: exposed }));
  const [control] = proportions;
  const fit = goodnessOfFit(
    counts.map(({ exposed }) => exposed),
    counts.map(({ weight }) => weight),
  );
  const sampleRatio = fit ? { ...fit, mismatch: fit.pValue < MISMATCH_BELOW } : null;
  return {
    experiment,
    countedFrom: outcomes ? new Date(outcomes.from).toISOString() : null,
    countedUntil: outcomes ? new Date(outcomes.until).toISOString() : null,
    level: LEVEL,
    variants: counts.map((count, index) => {
      const own = proportions[index];
      const known = own !== undefined && own.trials > 0;
      const compared = known && index > 0 && control !== undefined && control.trials > 0;
      return {
        ...count,
        rate: known ? own.successes / own.trials : null,
        interval: known ? wilson(own.successes, own.trials) : null,
        difference: compared ? difference(own, control) : null,
      };
    }),
    sawSeveral: outcomes?.sawSeveral ?? 0,
    sampleRatio,
    notes: notesOn(experiment, outcomes, sampleRatio?.mismatch === true),
  };
}

function notesOn(
  { state, startedAt, variants }: ExperimentView,
  outcomes: Outcomes | undefined,
  mismatch: boolean,
): string[] {
  if (startedAt === null) return ['It has not begun.'];
  const notes = [ONE_LOOK];
  if (variants.length > 2) notes.push('There are several differences here, and nothing is taken off for that.');
  if (state === 'running') notes.push('It is still running.');
  if (mismatch)
    notes.push('Those who were counted do not fit the weights: find out why before believing any difference.');
  if (outcomes && outcomes.from > Date.parse(startedAt))
    notes.push(
      'Events from before countedFrom are not kept any more: who was first exposed then counts later, or not at all.',
    );
  return notes;
}
