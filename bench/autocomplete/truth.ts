import type { Corpus, Mode } from './corpus';

/**
 * The right answers by a scan in rank order that shares no code with any engine: for each query the ranks of the best
 * ten titles. For the mode 'typo' the question is another one: is a title with the intended word among the ten?
 */
export class Truth {
  private readonly words: string[];
  private readonly ids: Uint32Array;
  private readonly ends: Uint32Array;

  constructor(private readonly corpus: Corpus) {
    const known = new Map<string, number>();
    const ids: number[] = [];
    this.ends = new Uint32Array(corpus.titles.length);
    corpus.titles.forEach((title, rank) => {
      for (const word of title.split(' ')) {
        let id = known.get(word);
        if (id === undefined) known.set(word, (id = known.size));
        ids.push(id);
      }
      this.ends[rank] = ids.length;
    });
    this.words = [...known.keys()];
    this.ids = Uint32Array.from(ids);
  }

  /** Ranks of the best `limit` titles for a query without slips. */
  best(query: string, mode: Mode, limit = 10): number[] {
    const { titles } = this.corpus;
    const found: number[] = [];
    if (mode === 'title prefix') {
      for (let rank = 0; rank < titles.length && found.length < limit; rank++) {
        if ((titles[rank] as string).startsWith(query)) found.push(rank);
      }
      return found;
    }
    const typed = query.split(' ');
    const wanted = typed.map((word, i) => {
      const mark = new Uint8Array(this.words.length);
      const last = i === typed.length - 1;
      this.words.forEach((candidate, id) => {
        if (last ? candidate.startsWith(word) : candidate === word) mark[id] = 1;
      });
      return mark;
    });
    for (let rank = 0; rank < titles.length && found.length < limit; rank++) {
      const from = rank === 0 ? 0 : (this.ends[rank - 1] as number);
      const own = this.ids.subarray(from, this.ends[rank]);
      if (wanted.every((mark) => own.some((id) => mark[id] === 1))) found.push(rank);
    }
    return found;
  }
}

export const sameRanks = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((rank, i) => rank === b[i]);
