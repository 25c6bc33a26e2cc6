import type { Log } from '../../log';
import type { Postmaster } from './postmaster';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ties a server to our process. If the server ends by itself (killed for memory, say) it is started again; if our process
 * ends without having stopped it, it is told to end as well. Returns the function that stops it for good.
 */
export function keepRunning(
  first: Postmaster,
  startAgain: () => Promise<Postmaster>,
  log: Log,
): { stop(): Promise<void> } {
  let current = first;
  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();

  const watch = (): void => {
    void current.ended.then(() => {
      if (!stopping) restarting = restart();
    });
  };
  const restart = async (): Promise<void> => {
    log.error({ server: current.pid }, 'The embedded PostgreSQL has ended unexpectedly: starting it again');
    try {
      current = await startAgain();
      log.info({ server: current.pid }, 'The embedded PostgreSQL is running again');
      watch();
    } catch (error) {
      log.fatal({ err: error }, 'The embedded PostgreSQL cannot be started again');
    }
  };
  const onExit = (): void => current.stopLater();
  const onSignal = (name: NodeJS.Signals): void => {
    // Whoever else listens closes the database in good order, requests first; we only serve programs that do not care.
    if (process.listenerCount(name) > 1) return;
    void stop().finally(() => process.kill(process.pid, name));
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    process.off('exit', onExit);
    for (const name of SIGNALS) process.off(name, onSignal);
    await restarting;
    await current.stop();
  };

  process.on('exit', onExit);
  for (const name of SIGNALS) process.on(name, onSignal);
  watch();
  return { stop };
}
