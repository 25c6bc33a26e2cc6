/** Pure decisions of inventory: no I/O, no clock, no randomness. */

/** Held for somebody; committed: sold, and gone from the shelf; released: given back, by whatever way. */
export type ReservationState = 'held' | 'committed' | 'released';
export type ReservationAction = 'commit' | 'release';

/** What an action does to each unit of a reservation's lines. */
export interface Transition {
  readonly to: ReservationState;
  readonly onHand: -1 | 0 | 1;
  readonly reserved: -1 | 0;
  /** The kind of movement, where units come or go. */
  readonly movement: 'sale' | 'return' | undefined;
}

const TRANSITIONS: Readonly<Record<ReservationState, Partial<Record<ReservationAction, Transition | 'already so'>>>> = {
  held: {
    commit: { to: 'committed', onHand: -1, reserved: -1, movement: 'sale' },
    release: { to: 'released', onHand: 0, reserved: -1, movement: undefined },
  },
  committed: {
    commit: 'already so',
    release: { to: 'released', onHand: 1, reserved: 0, movement: 'return' },
  },
  released: { release: 'already so' },
};

/** What becomes of a reservation; undefined where the action is not possible any more. */
export const transitionOf = (
  state: ReservationState,
  action: ReservationAction,
): Transition | 'already so' | undefined => TRANSITIONS[state][action];
