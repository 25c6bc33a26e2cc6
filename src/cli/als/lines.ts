import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Interaction } from '../../core';

/** 'triples': `user item [weight [time]]` on each line. 'lists': a user followed by their items. */
export type LineFormat = 'triples' | 'lists';

export interface WrongLine {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

const SAMPLE = 500;
const MOST_LISTED = 20;

const wordsOf = (line: string): string[] =>
  line
    .trim()
    .split(/[\s,]+/)
    .filter((word) => word !== '');

/**
 * Lists if a line has more than four words, or if no user begins two lines and the number of words differs from line to line;
 * else triples. Looks at the first 500 lines.
 */
export async function detectFormat(file: string): Promise<LineFormat> {
  const users = new Set<string>();
  const sizes = new Set<number>();
  let repeats = false;
  let lines = 0;
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const words = wordsOf(line);
      const [user] = words;
      if (user === undefined || user.startsWith('#')) continue;
      if (words.length > 4) return 'lists';
      repeats ||= users.has(user);
      users.add(user);
      sizes.add(words.length);
      if (++lines === SAMPLE) break;
    }
  } finally {
    input.destroy();
  }
  return !repeats && sizes.size > 1 ? 'lists' : 'triples';
}

/** Reads interactions from lines; counts the wrong ones, and remembers the first twenty. */
export class LineReader {
  wrong = 0;
  readonly listed: WrongLine[] = [];

  constructor(private readonly format: LineFormat) {}

  async *read(file: string): AsyncGenerator<Interaction> {
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number++;
      const words = wordsOf(line);
      const [user, ...rest] = words;
      if (user === undefined || user.startsWith('#')) continue;
      const reason = this.#reason(user, rest);
      if (reason !== undefined) {
        this.wrong++;
        if (this.listed.length < MOST_LISTED) this.listed.push({ file, line: number, reason });
        continue;
      }
      if (this.format === 'lists') for (const item of rest) yield { user, item };
      else {
        const [item = '', weight, time] = rest;
        yield {
          user,
          item,
          ...(weight === undefined ? {} : { weight: Number(weight) }),
          ...(time === undefined ? {} : { time: Number(time) }),
        };
      }
    }
  }

  #reason(user: string, rest: readonly string[]): string | undefined {
    if ([user, ...rest].some((word) => word.length > 1024)) return 'an id of more than 1,024 characters';
    if (this.format === 'lists') return undefined;
    const [item, weight, time] = rest;
    if (item === undefined) return 'no item';
    if (rest.length > 3) return 'more than four words';
    if (weight !== undefined && !(Number(weight) >= 0 && Number(weight) <= 1e9))
      return `the weight ${weight.slice(0, 20)}`;
    if (time !== undefined && !Number.isFinite(Number(time))) return `the time ${time.slice(0, 20)}`;
    return undefined;
  }
}
