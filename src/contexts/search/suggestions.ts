import { Problem } from '../../kernel/errors';
import { parse } from '../../platform/http/problem';
import { parameters } from './parameters';
import type { Projection } from './projection';
import { searchQuerySchema } from './results/schemas';
import { withTag } from './results/tagged';
import { suggestionQuerySchema } from './schemas';

const NOT_READY = 'The search index is still loading';

/** The answer to the query part of an address ("q=red+mug&limit=5"), as JSON text. Throws Problem. */
export function suggest(projection: Projection | undefined, queryString: string): string {
  const query = parse(suggestionQuerySchema, parameters(queryString), 'The query');
  if (!projection) throw new Problem('not-ready', NOT_READY);
  return projection.answer(query);
}

/** Filters of which several values may be given: any will do. */
const REPEATABLE = ['category', 'brand'];

/** The page of results to the query part of an address, as JSON text behind its tag. Throws Problem. */
export function findResults(projection: Projection | undefined, queryString: string): string {
  const query = parse(searchQuerySchema, parameters(queryString, REPEATABLE), 'The query');
  if (!projection) throw new Problem('not-ready', NOT_READY);
  return withTag(projection.search(query));
}
