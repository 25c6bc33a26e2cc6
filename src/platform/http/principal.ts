import type { IncomingMessage } from 'node:http';

const principals = new WeakMap<IncomingMessage, string>();

/** Remembers who was found to have sent a request: whoever checks a credential says so here. */
export function setPrincipal(req: IncomingMessage, principal: string): void {
  principals.set(req, principal);
}

/** Who sent a request: "admin", or "anonymous" while no credential was checked. */
export const principalOf = (req: IncomingMessage): string => principals.get(req) ?? 'anonymous';
