import { Link } from 'react-router';
import { SearchBox } from '../search/SearchBox';
import { BasketLink } from './BasketLink';

/** The wordmark: a name with its price tag. */
function Wordmark() {
  return (
    <Link to="/" className="wordmark" aria-label="Easy11, start page">
      Easy<span>11</span>
    </Link>
  );
}

/** On the start page the search box stands in the middle of things; everywhere else it is in the header. */
export function Header({ withSearch }: { readonly withSearch: boolean }) {
  return (
    <header className="bg-brand text-on-brand">
      <div className="column flex flex-wrap items-center gap-x-8 gap-y-3 py-3">
        <Wordmark />
        <div className="order-1 ml-auto sm:order-2">
          <BasketLink />
        </div>
        {withSearch && (
          <div className="order-2 w-full sm:order-1 sm:w-auto sm:max-w-3xl sm:grow">
            <SearchBox size="header" />
          </div>
        )}
      </div>
    </header>
  );
}
