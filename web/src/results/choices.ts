import { RESULT_SORTS, type ResultSort } from '../api/client';

/** What a shopper has chosen on the page of results. All of it stands in the address, under the names of the API. */
export interface Choices {
  readonly text: string;
  /** A category path; empty for the whole shop. */
  readonly category: string;
  readonly brands: readonly string[];
  /** Minor units. */
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly inStock: boolean;
  readonly sort: ResultSort;
}

const amountIn = (value: string | null): number | undefined =>
  value !== null && /^\d{1,12}$/.test(value) ? Number(value) : undefined;

/** Reads an address. What makes no sense in it is passed over: a page is better than a refusal. */
export function readChoices(parameters: URLSearchParams): Choices {
  const sort = parameters.get('sort') ?? '';
  const least = amountIn(parameters.get('price.gte'));
  const most = amountIn(parameters.get('price.lte'));
  const contrary = least !== undefined && most !== undefined && least > most;
  return {
    text: parameters.get('q')?.trim() ?? '',
    category: parameters.get('category') ?? '',
    brands: [...new Set(parameters.getAll('brand').filter(Boolean))],
    least: contrary ? most : least,
    most: contrary ? least : most,
    inStock: parameters.get('inStock') === 'true',
    sort: (sort in RESULT_SORTS ? sort : 'relevance') as ResultSort,
  };
}

/** The query part of the address, in one order, so that the same choices are the same address. */
export function writeChoices({ text, category, brands, least, most, inStock, sort }: Choices): URLSearchParams {
  const parameters = new URLSearchParams();
  if (text) parameters.set('q', text);
  if (category) parameters.set('category', category);
  for (const brand of brands) parameters.append('brand', brand);
  if (least !== undefined) parameters.set('price.gte', String(least));
  if (most !== undefined) parameters.set('price.lte', String(most));
  if (inStock) parameters.set('inStock', 'true');
  if (sort !== 'relevance') parameters.set('sort', sort);
  return parameters;
}

export const NO_FILTERS = { category: '', brands: [], least: undefined, most: undefined, inStock: false } as const;

export const isFiltered = ({ category, brands, least, most, inStock }: Choices): boolean =>
  category !== '' || brands.length > 0 || least !== undefined || most !== undefined || inStock;
