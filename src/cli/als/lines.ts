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

/** Where the first lines do not tell, more of them are looked at. */
const SAMPLE = 500;
const LARGEST_SAMPLE = 50_000;
const MOST_LISTED = 20;
/** Seconds since 1970 are at least so many, from 1973 on; a weight or an item's number hardly ever is, in every line. */
const LEAST_TIME = 1e8;

const wordsOf = (line: string): string[] =>
  line
    .trim()
    .split(/[\s,]+/)
    .filter((word) => word !== '');

const isNumber = (word: string): boolean => Number.isFinite(Number(word));

/** What lines of two to four words say about their form. */
class Evidence {
  lines = 0;
  /** Whether a user begins two lines. */
  repeats = false;
  readonly #users = new Set<string>();
  readonly #sizes = new Set<number>();
  #long = 0;
  #withNames = 0;
  #fractions = 0;
  #times = 0;

  add(words: readonly string[]): void {
    const [user = '', , weight, time] = words;
    this.lines++;
    this.repeats ||= this.#users.has(user);
    this.#users.add(user);
    this.#sizes.add(words.length);
    if (weight === undefined) return;
    this.#long++;
    if (!isNumber(weight) || (time !== undefined && !isNumber(time))) this.#withNames++;
    else if (weight.includes('.')) this.#fractions++;
    if (time !== undefined && Number(time) >= LEAST_TIME) this.#times++;
  }

  get verdict(): LineFormat | undefined {
    // Most lines, as the first may be a heading.
    if (this.#withNames > this.#long / 2) return 'lists';
    if (this.repeats || this.#long === 0) return 'triples';
    if (this.#fractions > 0 || this.#times === this.lines) return 'triples';
    return this.#sizes.size > 1 ? 'lists' : undefined;
  }
}

/**
 * Looks at the first 500 lines, and at up to 50,000 where no user begins two of those. In this order:
 *
 * 1. Lists if a line has more than four words, or if most third and fourth words are no numbers.
 * 2. Triples if a user begins two lines, if no line has a third word (both forms say the same then), if a third word has a decimal point, or if every
 *    line has a fourth word of at least 100,000,000, which is a time.
 * 3. Lists if the lines are of different lengths.
 *
 * Undefined for what is left: a user with two or three numbers on each line, no user twice, may be either.
 */
export async function detectFormat(file: string): Promise<LineFormat | undefined> {
  const evidence = new Evidence();
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const words = wordsOf(line);
      const [user] = words;
      if (user === undefined || user.startsWith('#')) continue;
      if (words.length > 4) return 'lists';
      evidence.add(words);
      if (evidence.lines >= (evidence.repeats ? SAMPLE : LARGEST_SAMPLE)) break;
    }
  } finally {
    input.destroy();
  }
  return evidence.verdict;
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
