import { useEffect, useId, useState } from 'react';
import { useSearchParams } from 'react-router';
import { RESULT_SORTS, type ResultSort } from '../api/client';
import { useResults } from '../api/queries';
import { GrowingShelf } from '../components/GrowingShelf';
import { ChevronIcon } from '../components/icons';
import { Away } from '../components/Message';
import { PageHeading } from '../components/PageHeading';
import { EmptyShelf } from '../components/Shelf';
import { isFiltered, NO_FILTERS, readChoices, writeChoices, type Choices } from '../results/choices';
import { ChosenFilters } from '../results/ChosenFilters';
import { Filters } from '../results/Filters';
import { NoResults, Others } from '../results/NoResults';
import { useSearch } from '../search/SearchContext';
import { searchedFor } from '../tracking/tracker';

const PAGE = 24;

/** All results of a search, or the whole shop, with what narrows them. */
export function ResultsPage() {
  const [parameters, setParameters] = useSearchParams();
  const choices = readChoices(parameters);
  const { text, category } = choices;
  const { show } = useSearch();
  const choose = (change: Partial<Choices>): void => {
    setParameters((previous) => writeChoices({ ...readChoices(previous), ...change }), {
      // At once, not as a transition: a control that follows the address must not show the old choice after a click, and
      // a second choice made right after must build on the first.
      replace: true,
      preventScrollReset: true,
      flushSync: true,
    });
  };
  const [department = ''] = category.split('/');
  useEffect(() => {
    show(text, department);
    // Only when the address says something else: who types on is not to be interrupted.
  }, [text, department]);
  const title = text ? `Results for “${text}”` : 'All products';
  return (
    <div className="column pt-6">
      <PageHeading key={text} title={title} className="product-name">
        {title}
      </PageHeading>
      <Results choices={choices} onChoose={choose} />
    </div>
  );
}

function Results({
  choices,
  onChoose,
}: {
  readonly choices: Choices;
  readonly onChoose: (change: Partial<Choices>) => void;
}) {
  const query = useResults(writeChoices(choices).toString(), PAGE);
  const [opened, setOpened] = useState(false);
  const panel = useId();
  const { data, isPending, isError, isPlaceholderData } = query;
  const [first] = data?.pages ?? [];
  const found = isPlaceholderData ? undefined : first?.total;
  useEffect(() => {
    if (found !== undefined) searchedFor(choices.text, found);
  }, [choices.text, found]);
  if (isPending) return <EmptyShelf places={12} />;
  if (isError && !data) return <Away what="The results" onRetry={() => void query.refetch()} />;
  if (!first) return null;
  const products = data?.pages.flatMap((page) => page.data) ?? [];
  const { facets, total, suggestions } = first;
  const nothing = total === 0;
  // Without a filter there is nothing that one could be taken off for.
  const filtered = isFiltered(choices);
  return (
    <>
      <p role="status" className="mt-2 text-muted">
        {nothing ? 'No products' : `${total.toLocaleString('en-GB')} ${total === 1 ? 'product' : 'products'}`}
      </p>
      {!nothing && (
        <div className="mt-3">
          <Others others={suggestions} intro="Did you mean" />
        </div>
      )}
      <div className="results" aria-busy={isPlaceholderData}>
        {facets && (!nothing || filtered) && (
          <div className="results-filters">
            <button
              type="button"
              className="chip results-toggle"
              aria-expanded={opened}
              aria-controls={panel}
              onClick={() => setOpened(!opened)}
            >
              Filters
              <ChevronIcon className={`size-4 ${opened ? 'rotate-180' : ''}`} />
            </button>
            <div id={panel} role="group" aria-label="Filters" className={opened ? 'facets facets-open' : 'facets'}>
              <Filters facets={facets} choices={choices} onChoose={onChoose} />
            </div>
          </div>
        )}
        <div className="min-w-0">
          {!nothing && (
            <SortBy sort={choices.sort} browsing={choices.text === ''} onSort={(sort) => onChoose({ sort })} />
          )}
          <ChosenFilters choices={choices} currency={facets?.price.currency ?? 'GBP'} onChoose={onChoose} />
          {nothing ? (
            <NoResults
              text={choices.text}
              filtered={filtered}
              others={suggestions}
              onUnfilter={() => onChoose(NO_FILTERS)}
            />
          ) : (
            <GrowingShelf
              products={products}
              place={{ slot: 'search', query: choices.text }}
              total={total}
              query={query}
            />
          )}
        </div>
      </div>
    </>
  );
}

function SortBy({
  sort,
  browsing,
  onSort,
}: {
  readonly sort: ResultSort;
  /** Without a text nothing matches better than anything else. */
  readonly browsing: boolean;
  readonly onSort: (sort: ResultSort) => void;
}) {
  const sorts = Object.entries(RESULT_SORTS).filter(([value]) => !(browsing && value === 'relevance'));
  return (
    <label className="results-sort">
      Sort by
      <span className="relative inline-flex items-center">
        <select
          className="select"
          value={browsing && sort === 'relevance' ? '-popularity' : sort}
          onChange={(event) => onSort(event.target.value as ResultSort)}
        >
          {sorts.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <ChevronIcon className="pointer-events-none absolute right-3 size-4" />
      </span>
    </label>
  );
}
