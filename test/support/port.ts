import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below where systems take the ports of outgoing connections from: Linux from 32768 on, others from 49152 on. */
const [FIRST, LAST] = [15_000, 32_000];

/**
 * A free port of the loopback address, for a server that is started there later, and again after it was killed. One that the
 * system chooses would be taken for somebody's outgoing connection in between, now and then.
 */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false, // taken: another one
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
