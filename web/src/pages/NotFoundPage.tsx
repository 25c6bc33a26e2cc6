import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { PageHeading } from '../components/PageHeading';

/** A dead end in words, with the way out. */
export function NotFound({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="column pt-12">
      <PageHeading title={title} className="product-name">
        {title}
      </PageHeading>
      <p className="mt-4 mb-6 max-w-prose text-lg text-muted">{children} The search box above finds what is there.</p>
      <Link to="/" className="button">
        To the start page
      </Link>
    </div>
  );
}

export function NotFoundPage() {
  return <NotFound title="Nothing here">There is no page at this address.</NotFound>;
}
