import { useCallback, useState } from 'react';
import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { useSentOrder } from '../checkout/sent';
import { SearchProvider } from '../search/SearchContext';
import { ConsentBanner } from '../tracking/ConsentBanner';
import { Header } from './Header';

export function Layout() {
  const { pathname } = useLocation();
  const start = pathname === '/';
  const [asking, setAsking] = useState(false);
  const asked = useCallback(() => setAsking(false), []);
  const unanswered = useSentOrder() !== undefined && pathname !== '/checkout';
  return (
    <SearchProvider>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <div className="flex min-h-dvh flex-col">
        <ConsentBanner reopened={asking} onClose={asked} />
        <Header withSearch={!start} />
        <main id="main" tabIndex={-1} className="grow outline-none">
          {unanswered && (
            <p role="status" className="column pt-6 font-semibold">
              An order that you sent has no answer yet.{' '}
              <Link to="/checkout" className="link">
                See what became of it
              </Link>
            </p>
          )}
          <Outlet />
        </main>
        <footer className="mt-16 border-t border-line">
          <div className="column flex flex-wrap gap-x-8 gap-y-2 py-6 text-sm text-muted">
            <p>Easy11, a shop that finds things while you type.</p>
            <a className="link" href="/docs">
              For developers: the API
            </a>
            <button type="button" className="link" onClick={() => setAsking(true)}>
              What the shop remembers
            </button>
          </div>
        </footer>
      </div>
      <ScrollRestoration />
    </SearchProvider>
  );
}
