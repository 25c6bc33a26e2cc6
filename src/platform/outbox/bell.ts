import pg from 'pg';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../log';
import { runLoop, type LoopStatus } from '../loop';

/** The PostgreSQL channel on which the relay says that it has published something. */
export const CHANNEL = 'easy11_outbox';

/** Wakes the readers of this process when any process has published. A convenience: whoever misses it polls. */
export interface Bell {
  /** Calls `listener` at every ring; returns how to stop that. */
  onRing(listener: () => void): () => void;
  listening(): boolean;
  status(): LoopStatus;
  close(): Promise<void>;
}

/** Listens on a connection of its own, and connects again when it is lost. */
export function hangBell({ url, clock, log }: { url: string; clock: Clock; log: Log }): Bell {
  const listeners = new Set<() => void>();
  const ring = (): void => {
    for (const listener of listeners) listener();
  };
  let listening = false;

  const listen = async (signal: AbortSignal): Promise<boolean> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'easy11-bell',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    const lost = new Promise<string>((resolve) => {
      client.on('error', (error) => resolve(error.message));
      client.on('end', () => resolve('the connection ended'));
      signal.addEventListener('abort', () => resolve('closing'), { once: true });
    });
    try {
      await client.connect();
      client.on('notification', ring);
      await client.query(`listen ${CHANNEL}`);
      listening = true;
      ring(); // for whatever was published while nobody listened
      const reason = await lost;
      if (!signal.aborted) log.warn({ reason }, 'The outbox bell lost its connection; readers poll until it is back');
      return true;
    } finally {
      listening = false;
      await client
        .end()
        .catch((error: unknown) => log.debug({ err: error }, 'The bell was cut off before its farewell'));
    }
  };

  const loop = runLoop({ name: 'outbox-bell', step: listen, idleMs: 0, clock, log });
  return {
    onRing: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    listening: () => listening,
    status: loop.status,
    close: loop.close,
  };
}
