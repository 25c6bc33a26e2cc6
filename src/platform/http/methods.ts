import type { RequestHandler, Router } from 'express';
import { Problem } from '../../kernel/errors';

/** Answers 405 with Allow; an OPTIONS request gets Allow alone. GET brings HEAD with it. */
export function only(...methods: readonly string[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return (req, res) => {
    res.set('Allow', allowed);
    if (req.method === 'OPTIONS') res.status(204).end();
    else throw new Problem('method-not-allowed', `${req.method} is not possible here; ${allowed} is`);
  };
}

/**
 * Gives each path that the router has so far an answer to the methods that it has no handler for. To be called when all its
 * routes are there: one that is added later to the same path is not reached.
 */
export function refuseOtherMethods(router: Router): void {
  const known = new Map<string, (string | undefined)[]>();
  for (const { route } of router.stack) {
    if (route) known.set(route.path, [...(known.get(route.path) ?? []), ...route.stack.map(({ method }) => method)]);
  }
  for (const [path, methods] of known) {
    // A handler without a method takes all of them: such a path refuses by itself.
    const named = methods.filter((method) => method !== undefined);
    if (named.length < methods.length) continue;
    router.all(path, only(...new Set(named.map((method) => method.toUpperCase()))));
  }
}
