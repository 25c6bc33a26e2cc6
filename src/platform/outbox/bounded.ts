import type pg from 'pg';

/** The handler neither ended nor failed in time. */
export class HandlerTimeout extends Error {
  override readonly name = 'HandlerTimeout';
}

/**
 * Waits for a handler for so many milliseconds. Then its connection is closed, so that it can do nothing through it any more, and
 * HandlerTimeout is thrown: the transaction is lost.
 */
export async function bounded(work: Promise<void>, client: pg.PoolClient, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerTimeout(`the handler took longer than ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof HandlerTimeout) await (client as unknown as pg.Client).end();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
