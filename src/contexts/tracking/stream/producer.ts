import type { Redis } from 'ioredis';
import type { Clock } from '../../../kernel/clock';
import type { Log } from '../../../platform/log';
import type { WriteEvents } from '../queue';
import type { TrackedEvent } from '../schemas';
import { chooseRoad, type Road, type StreamMode } from './durability';
import type { StreamKeys } from './entry';
import { ADD } from './scripts';

export interface ProducerOptions {
  readonly redis: Redis;
  readonly keys: StreamKeys;
  readonly mode: StreamMode;
  /** The other road. */
  readonly straight: WriteEvents;
  /** Beyond so many events in the stream the other road is taken. */
  readonly mostWaiting: number;
  /** Told how many events wait, when some were added. */
  readonly onAdded: (waiting: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** So long after a failure Redis is not tried: one that is frozen would cost every group the time limit of a command. */
const PAUSE_MS = 1_000;
const AWAY: Road = { through: 'database', because: 'Redis does not answer' };
const NONE: ReadonlySet<string> = new Set();

/**
 * Brings groups of events into the stream, one entry and one round trip each, and where that cannot be done straight to PostgreSQL. A
 * command that timed out may have been carried out: then the events come twice, and are stored once, by their ids.
 */
export class Producer {
  readonly #options: ProducerOptions;
  /** Undefined while nobody has said. */
  #road: Road | undefined;
  #looking: Promise<void> | undefined;
  #retryAt = 0;
  #failures = 0;
  #diverted = 0;

  constructor(options: ProducerOptions) {
    this.#options = options;
    // A Redis that comes back may be another one, or one with other settings.
    options.redis.on('ready', () => void this.look());
    options.redis.on('close', () => {
      if (options.mode !== 'off') this.#road = undefined;
    });
  }

  get road(): Road {
    return this.#road ?? AWAY;
  }

  /** Events that went straight to PostgreSQL although they were to go through the stream. */
  get diverted(): number {
    return this.#diverted;
  }

  /** Asks Redis which road is to be taken. Never rejects: without an answer it is the one to PostgreSQL. */
  look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #ask(): Promise<void> {
    const { redis, mode, log, clock } = this.#options;
    try {
      const road = await chooseRoad(redis, mode);
      if (redis.status !== 'ready' && mode !== 'off') return; // gone meanwhile: it is asked when it is back
      this.#road = road;
      this.#retryAt = 0;
      log.info(road, 'The road of events is chosen');
    } catch (error) {
      this.#retryAt = clock.now() + PAUSE_MS;
      log.debug({ err: error }, 'Redis did not say whether it keeps what it acknowledges');
    }
  }

  /** Resolves when the events are durable, to the ids of which it is known that they were there before: of the stream none is. */
  readonly write: WriteEvents = async (events) => {
    const { redis, straight, clock } = this.#options;
    if (this.#road?.through === 'database') return straight(events);
    if (clock.now() >= this.#retryAt) {
      if (this.#road === undefined && redis.status === 'ready') await this.look();
      // `look` may have found that this Redis is none to rely on.
      if (this.road.through === 'stream' && (await this.#add(events))) return NONE;
    }
    this.#diverted += events.length;
    return straight(events);
  };

  async #add(events: readonly TrackedEvent[]): Promise<boolean> {
    const { redis, keys, mostWaiting, onAdded, clock, log } = this.#options;
    try {
      const text = JSON.stringify(events);
      const waiting = Number(await redis.eval(ADD, 2, keys.stream, keys.waiting, mostWaiting, events.length, text));
      this.#failures = 0;
      if (waiting < 0) return false;
      onAdded(waiting);
      return true;
    } catch (error) {
      this.#retryAt = clock.now() + PAUSE_MS;
      this.#failures++;
      // As in the loops: enough to see, too few to drown the log.
      if (Number.isInteger(Math.log2(this.#failures)))
        log.warn({ err: error, failures: this.#failures }, 'The stream took no events: they go straight to PostgreSQL');
      return false;
    }
  }
}
