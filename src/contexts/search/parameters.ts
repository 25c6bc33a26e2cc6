import { Problem } from '../../kernel/errors';

/**
 * Splits a query string into its parameters; one of `repeatable` that is given twice becomes a list. Throws
 * `malformed-request`, or `validation-failed` for any other given twice.
 */
export function parameters(queryString: string, repeatable: readonly string[] = []): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  let start = 0;
  while (start < queryString.length) {
    let end = queryString.indexOf('&', start);
    if (end < 0) end = queryString.length;
    if (end > start) {
      const equals = queryString.indexOf('=', start);
      const split = equals < 0 || equals > end ? end : equals;
      const name = decode(queryString.slice(start, split));
      const given = decode(queryString.slice(split + 1, end));
      const before = Object.hasOwn(found, name) ? found[name] : undefined;
      if (before !== undefined && !repeatable.includes(name)) throw repeated(name);
      // Not by assignment: a parameter may be called __proto__.
      const value = before === undefined ? given : [before, given].flat();
      Object.defineProperty(found, name, { value, enumerable: true, configurable: true, writable: true });
    }
    start = end + 1;
  }
  return found;
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new Problem('malformed-request', 'The query is not percent-encoded UTF-8', { cause });
  }
}

const repeated = (name: string): Problem =>
  new Problem('validation-failed', `The query is not acceptable: ${name} is given twice`, {
    violations: [{ pointer: `/${name}`, code: 'repeated-parameter', detail: 'is given twice' }],
  });
