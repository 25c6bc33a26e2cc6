import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a database that can be closed for a while: what is sent meanwhile is late, and not lost. */
export interface Gate {
  /** The same database, through the gate. */
  readonly url: string;
  /** Lets nothing through to the database any more. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

export async function openGate(databaseUrl: string): Promise<Gate> {
  const target = new URL(databaseUrl);
  const clients = new Set<Socket>();
  let held = false;
  const server = createServer((client) => {
    const database = connect(Number(target.port || 5432), target.hostname);
    clients.add(client);
    client.pipe(database).pipe(client);
    if (held) client.unpipe(database).pause();
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const)
      one
        .on('error', () => undefined) // it is closed, which the other end is told
        .once('close', () => {
          clients.delete(client);
          other.destroy();
        });
    client.on('gate', () => (held ? client.unpipe(database).pause() : client.pipe(database)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const turn = (closed: boolean): void => {
    held = closed;
    for (const client of clients) client.emit('gate');
  };
  return {
    url: url.toString(),
    hold: () => turn(true),
    release: () => turn(false),
    close: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
