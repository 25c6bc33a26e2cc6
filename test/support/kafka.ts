import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** Kafka for tests: librdkafka's mock cluster in a process of its own, and a wire to it that can be cut. */

const HEADER = ['/usr/include', '/usr/local/include', '/opt/homebrew/include'].find((place) =>
  existsSync(path.join(place, 'librdkafka/rdkafka_mock.h')),
);

/** A suite against the mock cluster. Where there is no librdkafka the suite is skipped, and its name says so. */
export function describeWithKafka(name: string, suite: () => void): void {
  if (HEADER !== undefined) describe(name, suite);
  else describe.skip(`${name} (skipped: no librdkafka with its headers; Debian has librdkafka-dev)`, suite);
}

const API = { produce: 0 } as const;

export interface TestKafka {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** The next so many requests of that kind end in this error of Kafka's. */
  fail(api: keyof typeof API, count: number, code: number): Promise<void>;
  /** The next answer to a produce request never arrives, and the connection ends: it happened, and nobody hears of it. */
  loseNextAnswer(): void;
  /** Everything that it held is gone, and it is there again. */
  replace(): Promise<void>;
  close(): Promise<void>;
}

interface Mock {
  readonly port: number;
  ask(command: string): Promise<void>;
  end(): Promise<void>;
}

export async function startKafka(topic: string, partitions: number): Promise<TestKafka> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-kafka-'));
  const program = path.join(folder, 'kafka-mock');
  execFileSync('cc', ['-o', program, path.join(__dirname, 'kafka-mock.c'), '-lrdkafka']);
  let mock = await startMock(program, topic, partitions);
  const wire = await startWire(() => mock.port);
  return {
    brokers: [`127.0.0.1:${wire.port}`],
    topic,
    fail: (api, count, code) => mock.ask(`errors ${API[api]} ${count} ${code}`),
    loseNextAnswer: wire.loseNextAnswer,
    replace: async () => {
      await mock.end();
      mock = await startMock(program, topic, partitions);
    },
    close: async () => {
      await wire.close();
      await mock.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startMock(program: string, topic: string, partitions: number): Promise<Mock> {
  const child: ChildProcess = spawn(program, ['1', topic, String(partitions)], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines: Interface = createInterface({ input: child.stdout! });
  const next = (): Promise<string> =>
    new Promise((resolve, reject) => {
      lines.once('line', resolve);
      child.once('close', () => reject(new Error('the mock cluster has ended')));
    });
  const port = Number((await next()).split(':').at(-1));
  return {
    port,
    ask: async (command) => {
      const answer = next();
      child.stdin!.write(`${command}\n`);
      if ((await answer) !== 'ok') throw new Error(`the mock cluster does not know "${command}"`);
    },
    end: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.stdin!.end();
      }),
  };
}

interface Wire {
  readonly port: number;
  loseNextAnswer(): void;
  close(): Promise<void>;
}

const PRODUCE = 0;
const METADATA = 3;

/**
 * A wire to the one broker of the mock. In its metadata the broker's address becomes the wire's own, so that clients stay on it, and the
 * controller the one broker: the mock names one that is not there, which a client that asks it for a producer's id cannot use.
 */
async function startWire(upstream: () => number): Promise<Wire> {
  let lose = false;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const broker = net.connect(upstream(), '127.0.0.1');
    const asked = new Map<number, { api: number; version: number }>();
    const both = [client, broker];
    const end = (): void => both.forEach((socket) => socket.destroy());
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', end); // one side has gone: so does the other
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on(
      'data',
      frames((frame) => {
        const [api, version, id] = [frame.readInt16BE(4), frame.readInt16BE(6), frame.readInt32BE(8)];
        asked.set(id, { api, version });
        broker.write(frame);
      }),
    );
    broker.on(
      'data',
      frames((frame) => {
        const { api, version } = asked.get(frame.readInt32BE(4)) ?? { api: -1, version: 0 };
        if (api === PRODUCE && lose) {
          lose = false;
          return end();
        }
        if (api === METADATA) redirect(frame, version, (server.address() as net.AddressInfo).port);
        client.write(frame);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    loseNextAnswer: () => {
      lose = true;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Cuts what arrives into requests and answers: four bytes of length, then so many. */
function frames(take: (frame: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      const frame = Buffer.from(rest.subarray(0, length));
      rest = rest.subarray(length);
      take(frame);
    }
  };
}

/** Rewrites a Metadata response (Kafka protocol guide, versions 1 to 8) in place: ports and the controller have four bytes each. */
function redirect(frame: Buffer, version: number, port: number): void {
  let at = 8 + (version >= 3 ? 4 : 0);
  const skipText = (): void => {
    at += 2 + Math.max(0, frame.readInt16BE(at));
  };
  const brokers = frame.readInt32BE(at);
  at += 4;
  const first = frame.readInt32BE(at);
  for (let broker = 0; broker < brokers; broker++) {
    at += 4;
    skipText();
    frame.writeInt32BE(port, at);
    at += 4;
    if (version >= 1) skipText();
  }
  if (version >= 2) skipText();
  if (version >= 1) frame.writeInt32BE(first, at);
}
