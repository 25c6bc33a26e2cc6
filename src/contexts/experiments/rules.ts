/** Pure decisions of experiments: no I/O, clock or randomness. */

/** What counts as success: the visitor does this after seeing the variant. */
export const METRICS = ['click', 'add_to_cart', 'purchase'] as const;
export type Metric = (typeof METRICS)[number];

export const STATES = ['draft', 'running', 'stopped'] as const;
export type State = (typeof STATES)[number];

const NEXT: Readonly<Record<State, readonly State[]>> = {
  draft: ['draft', 'running'],
  running: ['running', 'stopped'],
  stopped: ['stopped'],
};

/** Whether an experiment may go from one state to another: a stopped one is not started again, its numbers would be of two. */
export const mayBecome = (from: State, to: State): boolean => NEXT[from].includes(to);
