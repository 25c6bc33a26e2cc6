import { createContext, useContext } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ask, get, newRequestKey, send } from '../api/client';

/** The admin token, as long as this window is open: nowhere else, and never in an address. */
const NAME = 'easy11-admin-token';

export function readToken(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined; // blocked: it has to be typed in again after a reload
  }
}

export function keepToken(token: string | undefined): void {
  try {
    if (token === undefined) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, token);
  } catch {
    return; // blocked: it is held until the page is left
  }
}

const TokenContext = createContext<string>('');
export const TokenProvider = TokenContext.Provider;

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** Whether the shop takes this token. Throws ApiError where it does not, or does not answer. */
export const tryToken = (token: string): Promise<unknown> =>
  get('/v1/admin/dead-letters?limit=1', new AbortController().signal, bearer(token));

/** What the back office says to a GET below /v1/admin/. Asked again now and then where things move. */
export function useAdmin<T>(path: string, everyMs?: number) {
  const token = useContext(TokenContext);
  return useQuery({
    queryKey: ['admin', path],
    queryFn: ({ signal }) => get<T>(`/v1/admin/${path}`, signal, bearer(token)),
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  });
}

/** Sends a change to the back office, and saves a file of it: with the token of this window. */
export function useBackOffice(): {
  post: (path: string, body?: unknown) => Promise<unknown>;
  /** Changes what has a version: refused where it is no longer this one. */
  patch: (path: string, version: number, body: unknown) => Promise<unknown>;
  download: (path: string, name: string) => Promise<void>;
} {
  const token = useContext(TokenContext);
  return {
    post: (path, body) =>
      send('POST', `/v1/admin/${path}`, { ...bearer(token), 'Idempotency-Key': newRequestKey() }, body),
    patch: (path, version, body) =>
      send('PATCH', `/v1/admin/${path}`, { ...bearer(token), 'If-Match': `"${version}"` }, body),
    download: async (path, name) => {
      // A link cannot carry the token: the file is fetched and then handed to the browser.
      const answer = await ask(`/v1/admin/${path}`, { headers: { ...bearer(token), Accept: '*/*' } });
      const address = URL.createObjectURL(await answer.blob());
      const link = document.createElement('a');
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
  };
}
