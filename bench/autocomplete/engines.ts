import { createRequire } from 'node:module';
import path from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { Corpus, Mode } from './corpus';

/** An engine under test: ranks of the best ten titles for a query. */
export interface Contender {
  readonly name: string;
  /** Modes it can answer at all. */
  readonly modes: readonly Mode[];
  build(corpus: Corpus): Promise<void>;
  /** Ids as the engine gives them; the harness turns them into ranks outside the timed part. */
  search(query: string, mode: Mode): readonly (string | number)[];
  /** Changes one title's text and makes the change visible to the next query; undefined when there is no such operation. */
  update?(rank: number, text: string): void;
  /** Bytes of the index as the engine counts them, where the process's memory does not tell. */
  bytes?(): number;
  close?(): void;
}

const LIMIT = 10;

async function easy11(backend: 'native' | 'fallback'): Promise<Contender> {
  process.env.EASY11_BACKEND = backend;
  const { Autocomplete } = await import('../../src/core/index.js');
  let index: InstanceType<typeof Autocomplete>;
  let weights: Float64Array;
  return {
    name: `easy11 ${backend}`,
    modes: ['title prefix', 'any word', 'several words', 'typo'],
    async build(corpus) {
      weights = corpus.weights;
      const entries = corpus.titles.map((text, rank) => ({
        id: String(rank),
        text,
        weight: corpus.weights[rank] as number,
      }));
      index = await Autocomplete.build(entries);
    },
    search(query, mode) {
      const options = mode === 'title prefix' ? PREFIX : mode === 'typo' ? FUZZY : EXACT;
      return index.searchIds(query, options);
    },
    update(rank, text) {
      index.set({ id: String(rank), text, weight: weights[rank] as number });
    },
    bytes: () => index.stats().bytes,
    close: () => index.close(),
  };
}
const PREFIX = { limit: LIMIT, match: 'prefix', fuzzy: false } as const;
const EXACT = { limit: LIMIT, fuzzy: false } as const;
const FUZZY = { limit: LIMIT, fuzzy: true } as const;

/** SQLite's FTS5 as well as it can be set up for this: rowid is the rank, so that LIMIT stops early. */
async function fts5(): Promise<Contender> {
  const peers = path.resolve(__dirname, '../peers/node_modules/better-sqlite3');
  const Database = createRequire(__filename)(peers) as typeof BetterSqlite3;
  const db = new Database(':memory:');
  db.exec(
    `create virtual table titles using fts5(title, prefix = '1 2 3 4 5 6 7 8', tokenize = 'ascii', content = '')`,
  );
  const select = db.prepare('select rowid from titles where titles match ? order by rowid limit 10').pluck();
  const insert = db.prepare('insert into titles(rowid, title) values (?, ?)');
  const remove = db.prepare(`insert into titles(titles, rowid, title) values ('delete', ?, ?)`);
  let texts: string[] = [];
  return {
    name: 'better-sqlite3 FTS5',
    modes: ['title prefix', 'any word', 'several words'],
    build(corpus) {
      texts = [...corpus.titles];
      db.transaction(() => corpus.titles.forEach((title, rank) => insert.run(rank, title)))();
      db.exec(`insert into titles(titles) values ('optimize')`);
      return Promise.resolve();
    },
    search(query, mode) {
      const words = query.split(' ').map((word) => `"${word}"`);
      const last = words.length - 1;
      const match =
        mode === 'title prefix'
          ? `^${words.join(' + ')} *`
          : words.map((w, i) => (i === last ? `${w} *` : w)).join(' AND ');
      return select.all(match) as number[];
    },
    update(rank, text) {
      remove.run(rank, texts[rank]);
      insert.run(rank, text);
      texts[rank] = text;
    },
    bytes: () =>
      (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number),
    close: () => void db.close(),
  };
}

async function miniSearch(): Promise<Contender> {
  const { default: MiniSearch } = await import('minisearch');
  const index = new MiniSearch<{ id: number; title: string }>({ fields: ['title'] });
  let titles: string[] = [];
  return {
    name: 'MiniSearch + sort',
    modes: ['any word', 'several words', 'typo'],
    build(corpus) {
      titles = [...corpus.titles];
      index.addAll(titles.map((title, id) => ({ id, title })));
      return Promise.resolve();
    },
    search(query, mode) {
      const last = query.split(' ').length - 1;
      const hits = index.search(query, {
        combineWith: 'AND',
        prefix: (_term, i) => i === last,
        fuzzy: mode === 'typo' ? (term) => (term.length < 4 ? false : term.length < 8 ? 1 : 2) : false,
      });
      // Its own score decides between misspellings; without them, the weight does.
      if (mode !== 'typo') hits.sort((a, b) => Number(a.id) - Number(b.id));
      return hits.slice(0, LIMIT).map((hit) => hit.id as number);
    },
    update(rank, text) {
      index.replace({ id: rank, title: text });
    },
  };
}

async function flexSearch(): Promise<Contender> {
  const { Index } = await import('flexsearch');
  const index = new Index({ tokenize: 'forward', resolution: 1 });
  return {
    name: 'FlexSearch by weight',
    modes: ['any word', 'several words'],
    build(corpus) {
      corpus.titles.forEach((title, rank) => void index.add(rank, title));
      return Promise.resolve();
    },
    search: (query) => index.search(query, { limit: LIMIT }),
    update: (rank, text) => void index.update(rank, text),
  };
}

async function uFuzzy(): Promise<Contender> {
  const { default: UFuzzy } = await import('@leeoniya/ufuzzy');
  const exact = new UFuzzy({ interLft: 2 });
  const fuzzy = new UFuzzy({ intraMode: 1, intraIns: 1, intraSub: 1, intraTrn: 1, intraDel: 1, interLft: 1 });
  let titles: string[] = [];
  return {
    name: 'uFuzzy',
    modes: ['any word', 'several words', 'typo'],
    build(corpus) {
      titles = [...corpus.titles];
      return Promise.resolve();
    },
    search(query, mode) {
      const engine = mode === 'typo' ? fuzzy : exact;
      const [found] = engine.search(titles, query, 3, 0);
      return (found ?? []).slice(0, LIMIT);
    },
    update(rank, text) {
      titles[rank] = text;
    },
  };
}

/** What JavaScript can do for prefixes of the whole title: a sorted array and a tree of the best rank per range. */
function sortedArray(): Promise<Contender> {
  let titles: readonly string[] = [];
  let order = new Uint32Array(0);
  let tree = new Uint32Array(0);
  const NONE = 0xffffffff;
  const bestIn = (from: number, to: number): number => {
    let best = NONE;
    for (let l = from + order.length, r = to + order.length; l < r; l >>= 1, r >>= 1) {
      if (l & 1) best = Math.min(best, tree[l++] as number);
      if (r & 1) best = Math.min(best, tree[--r] as number);
    }
    return best;
  };
  const lowerBound = (wanted: string): number => {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((titles[order[middle] as number] as string) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let place = new Uint32Array(0);
  return Promise.resolve({
    name: 'JS sorted array',
    modes: ['title prefix'],
    build(corpus: Corpus) {
      titles = corpus.titles;
      const n = titles.length;
      order = Uint32Array.from(
        titles.map((_, rank) => rank).sort((a, b) => ((titles[a] as string) < (titles[b] as string) ? -1 : 1)),
      );
      place = new Uint32Array(n);
      order.forEach((rank, i) => (place[rank] = i));
      tree = new Uint32Array(2 * n).fill(NONE);
      tree.set(order, n);
      for (let i = n - 1; i > 0; i--) tree[i] = Math.min(tree[2 * i] as number, tree[2 * i + 1] as number);
      return Promise.resolve();
    },
    search(query: string) {
      const open: [number, number][] = [[lowerBound(query), lowerBound(`${query}\uffff`)]];
      const found: number[] = [];
      const bests = open.map(([from, to]) => bestIn(from, to));
      while (found.length < LIMIT && open.length > 0) {
        let at = 0;
        for (let i = 1; i < open.length; i++) if ((bests[i] as number) < (bests[at] as number)) at = i;
        const [[from, to]] = open.splice(at, 1) as [[number, number]];
        const [best] = bests.splice(at, 1) as [number];
        if (best === NONE) continue;
        found.push(best);
        const middle = place[best] as number;
        for (const part of [
          [from, middle],
          [middle + 1, to],
        ] as const) {
          if (part[0] >= part[1]) continue;
          open.push([...part]);
          bests.push(bestIn(...part));
        }
      }
      return found;
    },
    bytes: () => order.byteLength + place.byteLength + tree.byteLength,
  });
}

export const CONTENDERS: Readonly<Record<string, () => Promise<Contender>>> = {
  native: () => easy11('native'),
  fallback: () => easy11('fallback'),
  fts5,
  minisearch: miniSearch,
  flexsearch: flexSearch,
  ufuzzy: uFuzzy,
  sorted: sortedArray,
};
