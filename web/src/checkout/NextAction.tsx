import { lazy, Suspense, useState } from 'react';
import type { NextAction } from '../api/orders';

const QrCode = lazy(() => import('./QrCode'));

const TITLES: Readonly<Record<NextAction['type'], string>> = {
  pix: 'Pay with Pix',
  upi: 'Confirm in your UPI app',
  mandate: 'Sign the mandate for the direct debit',
  redirect: 'Your bank wants to see you',
};

/** What the payer still has to do elsewhere: a code to copy, an app or a page to open. */
export function NextActionPanel({ action }: { readonly action: NextAction }) {
  const link = linkOf(action);
  return (
    <section className="form-section" aria-labelledby="next-action">
      <h2 id="next-action" className="section-title">
        {TITLES[action.type]}
      </h2>
      {action.type === 'pix' && <CopyCode code={action.code} />}
      {action.type === 'upi' && (
        <>
          <p>
            The request waits in your UPI app. Confirm it there{action.uri !== null && ', or scan this code with it'}.
          </p>
          {action.uri !== null && <Scanned text={action.uri} label="QR code of the payment by UPI" />}
        </>
      )}
      {action.type === 'mandate' && action.reference !== null && <p>Its reference is {action.reference}.</p>}
      {action.type === 'redirect' && <p>Confirm the payment there; you come back here by yourself.</p>}
      {link && (
        <p className="mt-4">
          <a href={link.href} className="button">
            {link.name}
          </a>
        </p>
      )}
      {action.expiresAt !== null && (
        <p className="mt-3 text-sm text-muted">
          It can be done until{' '}
          <time dateTime={action.expiresAt}>
            {new Date(action.expiresAt).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}
          </time>
          .
        </p>
      )}
    </section>
  );
}

function linkOf(action: NextAction): { readonly href: string; readonly name: string } | undefined {
  switch (action.type) {
    case 'upi': {
      const href = action.uri ?? action.url;
      return href === null ? undefined : { href, name: action.uri === null ? 'See the QR code' : 'Open the UPI app' };
    }
    case 'pix':
      return action.url === null ? undefined : { href: action.url, name: 'See the QR code' };
    case 'mandate':
      return { href: action.url, name: 'Sign it' };
    case 'redirect':
      return { href: action.url, name: 'Go to your bank' };
  }
}

function Scanned(code: { readonly text: string; readonly label: string }) {
  return (
    <Suspense fallback={<div className="qr-code" />}>
      <QrCode {...code} />
    </Suspense>
  );
}

function CopyCode({ code }: { readonly code: string }) {
  const [copied, setCopied] = useState<'yes' | 'no'>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code);
      setCopied('yes');
    } catch {
      setCopied('no'); // the browser does not let pages copy: the code can be marked by hand
    }
  };
  return (
    <>
      <p>Scan this code with your bank’s app, or copy it and paste it there under “Pix copia e cola”.</p>
      <Scanned text={code} label="QR code of the payment by Pix" />
      <textarea readOnly rows={4} className="code" aria-label="Pix code" value={code} />
      <button type="button" className="button button-quiet" onClick={() => void copy()}>
        Copy the code
      </button>
      <p role="status" className="text-sm text-muted">
        {copied === 'yes' ? 'Copied.' : copied === 'no' ? 'Your browser did not let us: mark it and copy it.' : ''}
      </p>
    </>
  );
}
