import { useEffect, useState } from 'react';
import type { Shown } from './session';

const SETTLED_MILLISECONDS = 250;

function words(shown: Shown | undefined): string {
  if (!shown) return '';
  if (shown.kind === 'failure') return 'The shop does not answer. Try again.';
  const count = shown.suggestions.length;
  if (count === 0) return `No product matches ${shown.query.text}.`;
  return `${count} ${count === 1 ? 'product' : 'products'} for ${shown.query.text}. Use the up and down arrows to choose.`;
}

/** Tells a screen reader what the popup shows, once the typing pauses: a sentence per keystroke would only stutter. */
export function LiveRegion({ shown }: { readonly shown: Shown | undefined }) {
  const message = words(shown);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(message), message === '' ? 0 : SETTLED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
