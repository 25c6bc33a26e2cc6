import { useState } from 'react';
import { useCategories } from '../api/queries';
import type { BrandCount, Category, CategoryCount, Facets } from '../api/types';
import type { Choices } from './choices';
import { PriceSlider } from './PriceSlider';

interface FiltersProps {
  readonly facets: Facets;
  readonly choices: Choices;
  readonly onChoose: (change: Partial<Choices>) => void;
}

const inWords = (count: number): string => count.toLocaleString('en-GB');

/** What narrows the results, each value with how many products it would leave. */
export function Filters({ facets, choices, onChoose }: FiltersProps) {
  const available = facets.inStock.find(({ value }) => value)?.count ?? 0;
  return (
    <>
      <Categories counts={facets.category} chosen={choices.category} onChoose={(category) => onChoose({ category })} />
      <PriceSlider
        histogram={facets.price}
        least={choices.least}
        most={choices.most}
        onChange={(least, most) => onChoose({ least, most })}
      />
      <fieldset className="facet">
        <legend className="facet-title">Stock</legend>
        <label className="facet-choice">
          <input
            type="checkbox"
            className="checkbox"
            checked={choices.inStock}
            onChange={(event) => onChoose({ inStock: event.target.checked })}
          />
          <span className="grow">In stock only</span> <span className="facet-count">{inWords(available)}</span>
        </label>
      </fieldset>
      <Brands counts={facets.brand} chosen={choices.brands} onChoose={(brands) => onChoose({ brands })} />
    </>
  );
}

/** Departments, and the way down to the chosen category with what lies in it. */
function visible(counts: readonly CategoryCount[], chosen: string): CategoryCount[] {
  const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/');
  const isOpen = (path: string): boolean => path === '' || chosen === path || chosen.startsWith(`${path}/`);
  return counts.filter(({ value }) => isOpen(parentOf(value))).sort((a, b) => (a.value < b.value ? -1 : 1));
}

function nameOf(categories: readonly Category[] | undefined, { id, value }: CategoryCount): string {
  const slug = value.split('/').at(-1) ?? value;
  return categories?.find((one) => one.id === id)?.name ?? slug.replaceAll('-', ' ');
}

function Categories({
  counts,
  chosen,
  onChoose,
}: {
  readonly counts: readonly CategoryCount[];
  readonly chosen: string;
  readonly onChoose: (path: string) => void;
}) {
  const { data } = useCategories();
  if (counts.length === 0 && chosen === '') return null;
  return (
    <section aria-labelledby="facet-category" className="facet">
      <h2 id="facet-category" className="facet-title">
        Category
      </h2>
      <ul>
        <li>
          <button
            type="button"
            className="facet-choice"
            aria-current={chosen === '' ? 'true' : undefined}
            onClick={() => onChoose('')}
          >
            Whole shop
          </button>
        </li>
        {visible(counts, chosen).map((category) => (
          <li key={category.id} className={`facet-depth-${Math.min(category.value.split('/').length, 4)}`}>
            <button
              type="button"
              className="facet-choice"
              aria-current={chosen === category.value ? 'true' : undefined}
              onClick={() => onChoose(category.value)}
            >
              <span className="grow break-words">{nameOf(data, category)}</span>{' '}
              <span className="facet-count">{inWords(category.count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const FEW_BRANDS = 8;

function Brands({
  counts,
  chosen,
  onChoose,
}: {
  readonly counts: readonly BrandCount[];
  readonly chosen: readonly string[];
  readonly onChoose: (brands: string[]) => void;
}) {
  const [all, setAll] = useState(false);
  if (counts.length === 0) return null;
  const shown = counts.filter(({ value }, place) => all || place < FEW_BRANDS || chosen.includes(value));
  return (
    <fieldset className="facet">
      <legend className="facet-title">Brand</legend>
      {shown.map(({ value, count }) => (
        <label key={value} className="facet-choice">
          <input
            type="checkbox"
            className="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) =>
              onChoose(event.target.checked ? [...chosen, value] : chosen.filter((brand) => brand !== value))
            }
          />
          <span className="grow break-words">{value}</span> <span className="facet-count">{inWords(count)}</span>
        </label>
      ))}
      {counts.length > FEW_BRANDS && (
        <button type="button" className="link facet-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer brands' : `All ${counts.length} brands`}
        </button>
      )}
    </fieldset>
  );
}
