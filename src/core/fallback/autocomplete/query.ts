import { NEEDS_ANALYSIS, NO_WORDS } from '../../autocomplete/engine';
import { isPlainWordUnit } from './words';

const LONGEST = 64;
const ALTERNATIVE = 1;
const SPACE = 32;
const STAR = 42;

/** A parsed query: alternatives of words, in arrays that are reused from query to query. */
export class Query {
  /** Code points of all words. Word i is `points[starts[i]..starts[i + 1])`. */
  points = new Uint32Array(256);
  starts = new Uint32Array(64);
  /** 1 where the word matches as a prefix. */
  prefix = new Uint8Array(64);
  words = 0;
  /** Alternative a has the words `alternatives[a]..alternatives[a + 1]`. */
  readonly alternatives: number[] = [0];
  /** Whether any word is long enough to be matched with a slip. */
  maySlip = false;
  private texts: (string | undefined)[] = [];
  private used = 0;
  /** How many alternatives have ended. */
  private ended = 0;

  lengthOf(word: number): number {
    return (this.starts[word + 1] as number) - (this.starts[word] as number);
  }

  pointsOf(word: number): Uint32Array {
    return this.points.subarray(this.starts[word], this.starts[word + 1]);
  }

  textOf(word: number): string {
    return (this.texts[word] ??= String.fromCodePoint(...this.pointsOf(word)));
  }

  /** Parses what a person typed. Returns 0, NEEDS_ANALYSIS or NO_WORDS. */
  parseRaw(typed: string): number {
    this.begin(typed.length);
    let inside = false;
    for (let i = 0; i < typed.length; i++) {
      let unit = typed.charCodeAt(i);
      // Characters beyond '~', apostrophe, hyphen and backtick mean something only the analysis knows.
      if (unit > 0x7e || unit === 0x27 || unit === 0x2d || unit === 0x60) return NEEDS_ANALYSIS;
      if (unit >= 65 && unit <= 90) unit += 32;
      if (isPlainWordUnit(unit)) {
        inside = true;
        if (this.used - (this.starts[this.words] as number) < LONGEST) this.points[this.used++] = unit;
      } else if (inside) {
        this.endWord(false);
        inside = false;
      }
    }
    if (inside) this.endWord(true);
    else if (this.words > 0) this.prefix[this.words - 1] = 1;
    return this.end();
  }

  /** Parses a plan (see engine.ts). Returns 0 or NO_WORDS. */
  parsePlan(plan: string): number {
    this.begin(plan.length);
    for (let i = 0; i <= plan.length; i++) {
      const point = i < plan.length ? (plan.codePointAt(i) as number) : ALTERNATIVE;
      if (point > 0xffff) i++;
      if (point !== SPACE && point !== ALTERNATIVE) {
        this.points[this.used++] = point;
        continue;
      }
      if (this.used > (this.starts[this.words] as number)) {
        const star = this.points[this.used - 1] === STAR;
        if (star) this.used--;
        if (this.used > (this.starts[this.words] as number)) this.endWord(star);
      }
      if (point === ALTERNATIVE) this.endAlternative();
    }
    return this.end();
  }

  /** Lets the last word match as a prefix, as it does wherever the start of a text is matched. */
  endWithPrefix(): void {
    this.prefix[this.words - 1] = 1;
  }

  private begin(length: number): void {
    if (this.points.length <= length) this.points = new Uint32Array(length * 2);
    if (this.starts.length <= length + 2) {
      this.starts = new Uint32Array(length * 2 + 2);
      this.prefix = new Uint8Array(length * 2 + 2);
    }
    this.words = 0;
    this.used = 0;
    this.maySlip = false;
    this.ended = 0;
    this.starts[0] = 0;
    if (this.texts.length > 0) this.texts.length = 0;
  }

  private endWord(prefix: boolean): void {
    if (this.used - (this.starts[this.words] as number) >= 4) this.maySlip = true;
    this.prefix[this.words] = prefix ? 1 : 0;
    this.starts[++this.words] = this.used;
  }

  private endAlternative(): void {
    if (this.words > (this.alternatives[this.ended] as number)) this.alternatives[++this.ended] = this.words;
  }

  /** An array is made shorter only when it must be: V8 leaves its compiled code for that. */
  private end(): number {
    this.endAlternative();
    if (this.alternatives.length > this.ended + 1) this.alternatives.length = this.ended + 1;
    return this.words === 0 ? NO_WORDS : 0;
  }
}
