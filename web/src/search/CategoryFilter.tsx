import { useId } from 'react';
import { useCategories } from '../api/queries';
import { ChevronIcon } from '../components/icons';
import { topLevel } from '../lib/categories';

/** Narrows the search to one department. A shop without categories has no filter, and so has one that is away. */
export function CategoryFilter({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (path: string) => void;
}) {
  const id = useId();
  const { data } = useCategories();
  const departments = topLevel(data ?? []);
  if (departments.length === 0) return null;
  return (
    <div className="search-filter">
      <label htmlFor={id} className="sr-only">
        Search in
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">Whole shop</option>
        {departments.map(({ id: key, path, name }) => (
          <option key={key} value={path}>
            {name}
          </option>
        ))}
      </select>
      <ChevronIcon className="pointer-events-none absolute right-3 size-4" />
    </div>
  );
}
