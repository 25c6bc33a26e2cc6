import type { z } from './zod';

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** What is wrong with a value, to be read after its name, where the schema itself has no sentence for it. */
export const plainSentence: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing';
    // A parameter of a query that comes twice is a list.
    if (issue.expected === 'string' && Array.isArray(issue.input)) return 'must be text, and given once';
    return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') {
    if (issue.input === undefined) return 'is missing';
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
  }
  if (issue.code === 'too_small') {
    if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
    return size(issue.origin, 'least', issue.minimum);
  }
  if (issue.code === 'too_big') return size(issue.origin, 'most', issue.maximum);
  return undefined; // our schemas have a sentence of their own for every other kind
};

function size(origin: string, bound: 'least' | 'most', limit: number | bigint): string {
  if (origin === 'string') return `must have at ${bound} ${limit} characters`;
  if (origin === 'array') return `must have at ${bound} ${limit} items`;
  return `must be at ${bound} ${limit}`;
}
