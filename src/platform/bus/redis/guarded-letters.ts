import type { Clock } from '../../../kernel/clock';
import { Guard, type GuardStatus } from '../../resilience/guard';
import type { BusLetters } from './letters';

/** A look at Redis is some commands, each of which may take a second. */
const TIMEOUT_MS = 3_000;

/** Puts a guard before the letters: a back office that looks at them does not wait for a Redis that is frozen, each time anew. */
export function guardLetters(
  letters: BusLetters,
  clock: Pick<Clock, 'now'>,
): { readonly letters: BusLetters; readonly status: () => GuardStatus } {
  const guard = new Guard({
    limit: 4,
    queue: 8,
    timeoutMs: TIMEOUT_MS,
    clock,
    // What Redis says of a command is an answer.
    judge: (error) => (error instanceof Error && error.name === 'ReplyError' ? 'answer' : 'failure'),
  });
  return {
    status: () => guard.status(),
    letters: {
      list: (group, limit) => guard.run(() => letters.list(group, limit)),
      find: (id) => guard.run(() => letters.find(id)),
      replay: (selection) => guard.run(() => letters.replay(selection)),
    },
  };
}
