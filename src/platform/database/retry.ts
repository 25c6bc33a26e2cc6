import { setTimeout as sleep } from 'node:timers/promises';

/** SQLSTATE of a transaction that PostgreSQL gave up so that another could go on: it may simply be run again. */
const TRANSIENT_STATES: ReadonlySet<string> = new Set(['40001', '40P01']);

/**
 * Whether an error says "run the whole transaction again": serialization failure or deadlock, whether it comes from `pg`,
 * from Prisma with its code P2034, from Prisma's adapter as an uncoded TransactionWriteConflict, or from a raw query through
 * Prisma as P2010 with the adapter's error inside.
 */
export function isTransientConflict(error: unknown): boolean {
  for (let current = error, depth = 0; depth < 6 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, kind, message, originalCode, cause, meta } = current as Record<string, unknown>;
    if (typeof code === 'string' && (code === 'P2034' || TRANSIENT_STATES.has(code))) return true;
    if (typeof originalCode === 'string' && TRANSIENT_STATES.has(originalCode)) return true;
    if (kind === 'TransactionWriteConflict' || message === 'TransactionWriteConflict') return true;
    current = (meta as { driverAdapterError?: unknown } | null | undefined)?.driverAdapterError ?? cause;
  }
  return false;
}

/**
 * Runs `work` and, while it fails with a transient conflict, runs it again, up to `attempts` times in all, with a random
 * pause that doubles (10 ms at first). `work` must do everything inside one transaction, for it may run several times.
 * Throws the last error.
 */
export async function withRetries<T>(work: () => Promise<T>, attempts = 6): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isTransientConflict(error)) throw error;
      // Random, so that two transactions that met once do not meet again.
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}
