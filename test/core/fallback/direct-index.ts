import { analyse, planPrefix, planWords } from '../../../src/core/autocomplete/analysis';
import { SearchFlag } from '../../../src/core/autocomplete/engine';
import type { Entry, SearchOptions } from '../../../src/core/autocomplete/types';
import { createFallbackAutocomplete } from '../../../src/core/fallback/autocomplete/autocomplete';
import type { Answer } from '../../support/brute-force';

type Row = [string, string, string | null, number, number, boolean, string];

function rowOf({ id, text, weight, price = NaN, inStock = false, categories = [] }: Entry): Row {
  return [id, text, analyse(text), weight, price, inStock, categories.join('\u0001')];
}

/** The fallback engine without the class before it, so that tests reach its own behaviour whatever backend is installed. */
export class DirectIndex {
  readonly slots = new Uint32Array(1000);
  readonly slips = new Uint32Array(1000);
  readonly engine = createFallbackAutocomplete(this.slots, this.slips, new Uint32Array(1001));

  set(entry: Entry): boolean {
    return this.engine.set(...rowOf(entry));
  }

  append(entry: Entry): boolean {
    return this.engine.append(...rowOf(entry));
  }

  async build(entries: readonly Entry[]): Promise<number> {
    for (const entry of entries) this.append(entry);
    return this.engine.build(() => undefined).done;
  }

  search(query: string, options: SearchOptions = {}): Answer[] {
    const { limit = 10, fuzzy = true, match = 'words', filter } = options;
    let flags = match === 'prefix' ? SearchFlag.PREFIX : fuzzy ? SearchFlag.FUZZY : 0;
    if (filter) {
      flags += SearchFlag.FILTER;
      const { category = [], price = {}, inStock } = filter;
      const categories = typeof category === 'string' ? category : category.join('\u0001');
      const stock = inStock === undefined ? -1 : Number(inStock);
      this.engine.setFilter(categories, price.gte ?? -Infinity, price.lte ?? Infinity, stock);
    }
    let count = this.engine.search(query, limit, flags);
    if (count === -1) {
      count = this.engine.searchPlan(match === 'prefix' ? planPrefix(query) : planWords(query), limit, flags);
    }
    return Array.from({ length: Math.max(count, 0) }, (_, i) => ({
      id: this.engine.idAt(i),
      slip: this.slips[i] as number,
    }));
  }
}

/** Lets the event loop turn `count` times, so that merges go on. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
