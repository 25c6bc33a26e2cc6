import type { ReactNode } from 'react';

/** A sentence in place of content: what is the matter and what to do about it. */
export function Message({ children, alert = false }: { readonly children: ReactNode; readonly alert?: boolean }) {
  return (
    <div role={alert ? 'alert' : undefined} className="message">
      {children}
    </div>
  );
}

/** The shop is away: says so and offers to ask again. */
export function Away({ what, onRetry }: { readonly what: string; readonly onRetry: () => void }) {
  return (
    <Message alert>
      <p>
        <strong>{what} could not be loaded.</strong> The shop does not answer right now. Check your connection, or try
        again in a moment.
      </p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </Message>
  );
}
