import { useId, useState, type FormEvent } from 'react';
import { Link, NavLink, useParams } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client';
import { PageHeading } from '../components/PageHeading';
import { explain } from '../lib/explain';
import { keepToken, readToken, TokenProvider, tryToken } from './access';
import './admin.css';
import { Customers } from './views/Customers';
import { Experiments } from './views/Experiments';
import { Models } from './views/Models';
import { Operations } from './views/Operations';
import { Overview } from './views/Overview';
import { Products } from './views/Products';
import { Shopping } from './views/Shopping';

/** The back office: for who has the admin token, which this window keeps until it is closed or signed out. */

const VIEWS = [
  { path: '', title: 'Overview', View: Overview },
  { path: 'customers', title: 'Customers', View: Customers },
  { path: 'shopping', title: 'Shopping', View: Shopping },
  { path: 'products', title: 'Products', View: Products },
  { path: 'models', title: 'Models', View: Models },
  { path: 'experiments', title: 'Experiments', View: Experiments },
  { path: 'operations', title: 'Operations', View: Operations },
] as const;

export function AdminPage() {
  const { view = '' } = useParams();
  const [token, setToken] = useState(readToken);
  const queries = useQueryClient();
  const enter = (given: string | undefined): void => {
    keepToken(given);
    setToken(given);
    // What one token was told is not for who comes after.
    if (given === undefined) queries.removeQueries({ queryKey: ['admin'] });
  };
  const shown = VIEWS.find(({ path }) => path === view) ?? VIEWS[0];
  const { View } = shown;
  return (
    <div className="admin">
      <header className="bg-brand text-on-brand">
        <div className="column flex flex-wrap items-center gap-x-8 gap-y-2 py-3">
          <Link to="/" className="wordmark" aria-label="Easy11, start page">
            Easy<span>11</span>
          </Link>
          <span className="font-semibold">Back office</span>
          {token !== undefined && (
            <button type="button" className="ml-auto min-h-11 underline" onClick={() => enter(undefined)}>
              Sign out
            </button>
          )}
        </div>
      </header>
      <main id="main" className="column py-6">
        {token === undefined ? (
          <SignIn onToken={enter} />
        ) : (
          <TokenProvider value={token}>
            <nav aria-label="Parts of the back office" className="admin-nav">
              {VIEWS.map(({ path, title }) => (
                <NavLink key={path} to={path === '' ? '/admin' : `/admin/${path}`} end className="admin-tab">
                  {title}
                </NavLink>
              ))}
            </nav>
            <PageHeading key={shown.path} title={`${shown.title} · Back office`} className="section-title mt-4">
              {shown.title}
            </PageHeading>
            <View />
          </TokenProvider>
        )}
      </main>
    </div>
  );
}

function SignIn({ onToken }: { readonly onToken: (token: string) => void }) {
  const id = useId();
  const [given, setGiven] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setTrouble(undefined);
    try {
      await tryToken(given.trim());
      onToken(given.trim());
    } catch (error) {
      const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      setTrouble(refused ? 'That is not the admin token of this shop.' : `That did not work: ${explain(error)}`);
      setBusy(false);
    }
  };
  return (
    <form className="grid max-w-md gap-4" onSubmit={(event) => void submit(event)}>
      <PageHeading title="Back office" className="section-title">
        Back office
      </PageHeading>
      <div className="field">
        <label htmlFor={id}>Admin token</label>
        <input
          id={id}
          type="password"
          autoComplete="off"
          required
          value={given}
          onChange={(event) => setGiven(event.target.value)}
          className="text-input"
          aria-invalid={trouble !== undefined}
          aria-describedby={`${id}-about`}
        />
        <p id={`${id}-about`} className="mt-1 text-sm text-muted">
          EASY11_ADMIN_TOKEN, or what the shop wrote into its data directory. It is kept until this window is closed.
        </p>
        {trouble !== undefined && (
          <p role="alert" className="field-error">
            {trouble}
          </p>
        )}
      </div>
      <button type="submit" className="button justify-self-start" aria-disabled={busy}>
        Sign in
      </button>
    </form>
  );
}
