import { Problem } from '../../kernel/errors';
import { parse, violationsOf } from '../../platform/http/problem';
import { plainSentence } from '../../platform/http/sentences';
import { z } from '../../platform/http/zod';
import { timeOf, wrongTime } from './rules';
import { MOST_EVENTS, trackedEventSchema, type LineError, type TrackedEvent } from './schemas';

/** What a body holds: events that are acceptable, and what is wrong with each of the others. */
export interface ReadBatch {
  readonly events: readonly TrackedEvent[];
  readonly errors: readonly LineError[];
}

/** The envelope alone: what is in it is looked at one by one. */
const envelopeSchema = z.strictObject({ events: z.array(z.unknown()) });

/**
 * Reads a body of `{"events": […]}` or of JSON lines. A line that is no event is an error of its own; the others go on. Throws
 * `malformed-request` when the whole is no JSON, `validation-failed` when it is another document, `payload-too-large` beyond 500
 * events. O(size).
 */
export function readBatch(body: string, kind: 'json' | 'lines', now: number): ReadBatch {
  return kind === 'json' ? readAll(elementsOf(body), now) : readLines(body, now);
}

function elementsOf(body: string): readonly unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch (error) {
    throw new Problem('malformed-request', `The body is no JSON: ${(error as Error).message}`, { cause: error });
  }
  return parse(envelopeSchema, document, 'The batch').events;
}

function readAll(elements: readonly unknown[], now: number): ReadBatch {
  assertCount(elements.length);
  const read = new Reading(now);
  elements.forEach((element, index) => read.take(index + 1, element));
  return read;
}

function readLines(body: string, now: number): ReadBatch {
  const lines = body.split('\n');
  assertCount(lines.reduce((count, line) => count + (line.trim() === '' ? 0 : 1), 0));
  const read = new Reading(now);
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    try {
      read.take(index + 1, JSON.parse(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      read.errors.push({ line: index + 1, field: '', code: 'malformed', reason: 'is no JSON' });
    }
  });
  return read;
}

function assertCount(count: number): void {
  if (count > MOST_EVENTS)
    throw new Problem('payload-too-large', `A batch has at most ${MOST_EVENTS} events, not ${count}`);
}

class Reading implements ReadBatch {
  readonly events: TrackedEvent[] = [];
  readonly errors: LineError[] = [];

  constructor(private readonly now: number) {}

  take(line: number, element: unknown): void {
    const result = trackedEventSchema.safeParse(element, { error: plainSentence });
    if (!result.success) {
      const [first] = violationsOf(result.error);
      const { pointer, code, detail } = first ?? { pointer: '/', code: 'invalid', detail: 'is not acceptable' };
      this.errors.push({ line, field: pointer, code, reason: detail });
      return;
    }
    const wrong = wrongTime(timeOf(result.data.id.slice(4)), this.now);
    if (wrong === undefined) this.events.push(result.data);
    else this.errors.push({ line, field: '/id', code: 'wrong-time', reason: wrong });
  }
}
