import { Link } from 'react-router';
import type { CategoryLink } from '../api/types';
import { categoryAddress } from '../lib/addresses';

/** The way down from the start page to where this stands. */
export function Breadcrumbs({ trail }: { readonly trail: readonly CategoryLink[] }) {
  return (
    <nav aria-label="Where this stands in the shop" className="text-sm text-muted">
      <ol className="flex flex-wrap gap-y-1">
        <li>
          <Link to="/" className="link inline-block py-1">
            Start
          </Link>
        </li>
        {trail.map(({ id, path, name }) => (
          <li key={id}>
            <span aria-hidden="true" className="px-2">
              /
            </span>
            <Link to={categoryAddress(path)} className="link inline-block py-1">
              {name}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
