/**
 * Requests that may be sent again without harm: the answer is stored under the caller's Idempotency-Key in the transaction
 * of its effect, so both exist or neither does. docs/guides/idempotency.md says what that promises.
 */
export { idempotent, type Effect, type Prepared, type Reply } from './idempotent';
export { startIdempotencySweep, type IdempotencySweep } from './sweep';
