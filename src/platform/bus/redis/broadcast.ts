import { randomUUID } from 'node:crypto';
import type { Log } from '../../log';
import { openRedis } from './connection';

export interface BroadcastStatus {
  /** Messages that Redis took. */
  readonly told: number;
  /** Messages that it did not take. */
  readonly lost: number;
  /** Messages of other processes. */
  readonly heard: number;
}

/** Hints from process to process, over a channel of Redis. Nothing is kept there, and nothing may depend on their arrival. */
export interface Broadcast {
  /** Tells the others. Returns at once, also where Redis is away or frozen: the message is lost then. */
  tell(message: string): void;
  status(): BroadcastStatus;
  close(): Promise<void>;
}

export interface BroadcastOptions {
  readonly url: string;
  readonly channel: string;
  readonly log: Log;
  /** A message of another process; our own are not heard. May be anything that somebody has sent. */
  readonly onMessage: (message: string) => void;
}

/** So many may wait for a Redis that does not answer; the connection gives each up after a second. */
const MOST_WAITING = 1_000;
/** What stands before a message: who sent it. */
const SENDER_LENGTH = 36;

/** Joins a channel. Where Redis is away it is joined when there is one. */
export async function openBroadcast({ url, channel, log, onMessage }: BroadcastOptions): Promise<Broadcast> {
  const sender = randomUUID();
  const [speaker, listener] = await Promise.all([
    openRedis(url, { name: 'easy11-tell', log }),
    openRedis(url, { name: 'easy11-hear', log }),
  ]);
  let [told, lost, heard, waiting] = [0, 0, 0, 0];
  listener.on('message', (_channel, text) => {
    if (text.startsWith(sender)) return;
    heard++;
    onMessage(text.slice(SENDER_LENGTH));
  });
  const join = (): void => {
    listener.subscribe(channel).catch((error: unknown) => {
      log.debug({ err: error, channel }, 'The channel could not be joined: it is tried with the next connection');
    });
  };
  listener.on('ready', join);
  if (listener.status === 'ready') join();
  return {
    tell: (message) => {
      if (waiting >= MOST_WAITING) {
        lost++;
        return;
      }
      waiting++;
      speaker
        .publish(channel, sender + message)
        .then(
          () => told++,
          () => lost++, // counted, and shown by /metrics: whoever would have heard it reads the database
        )
        .finally(() => waiting--);
    },
    status: () => ({ told, lost, heard }),
    close: () => {
      for (const redis of [listener, speaker]) redis.disconnect();
      return Promise.resolve();
    },
  };
}
