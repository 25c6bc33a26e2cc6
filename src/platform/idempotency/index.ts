/**
 * Requests that may be sent again without harm: the answer is stored under the caller's Idempotency-Key in the transaction
 * of its effect, so both exist or neither does. docs/guides/idempotency.md says what that promises.
 */
export { startGroups, type GroupEffect, type Groups } from './group';
export { idempotent, type Effect, type Prepared } from './idempotent';
export type { Reply } from './reply';
export { startIdempotencySweep, type IdempotencySweep } from './sweep';
