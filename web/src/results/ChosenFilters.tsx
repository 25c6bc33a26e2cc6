import { useCategories } from '../api/queries';
import { CloseIcon } from '../components/icons';
import { formatPrice } from '../lib/price';
import { isFiltered, NO_FILTERS, type Choices } from './choices';

interface ChosenFiltersProps {
  readonly choices: Choices;
  readonly currency: string;
  readonly onChoose: (change: Partial<Choices>) => void;
}

/** Each filter in force, to be taken off again. */
export function ChosenFilters({ choices, currency, onChoose }: ChosenFiltersProps) {
  const { data } = useCategories();
  if (!isFiltered(choices)) return null;
  const { category, brands, least, most, inStock } = choices;
  const price = (amount: number): string => formatPrice({ amount, currency });
  const chips: { readonly key: string; readonly label: string; readonly without: Partial<Choices> }[] = [];
  if (category) {
    const label = data?.find(({ path }) => path === category)?.name ?? category;
    chips.push({ key: 'category', label, without: { category: '' } });
  }
  if (least !== undefined || most !== undefined) {
    const label =
      least === undefined
        ? `Up to ${price(most ?? 0)}`
        : most === undefined
          ? `From ${price(least)}`
          : `${price(least)} to ${price(most)}`;
    chips.push({ key: 'price', label, without: { least: undefined, most: undefined } });
  }
  if (inStock) chips.push({ key: 'stock', label: 'In stock', without: { inStock: false } });
  for (const brand of brands)
    chips.push({ key: `brand ${brand}`, label: brand, without: { brands: brands.filter((one) => one !== brand) } });
  return (
    <ul aria-label="Filters in force" className="mb-5 flex flex-wrap gap-2">
      {chips.map(({ key, label, without }) => (
        <li key={key}>
          <button type="button" className="chip gap-2" onClick={() => onChoose(without)}>
            <span className="sr-only">Without the filter </span>
            {label}
            <CloseIcon className="size-3.5" />
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button type="button" className="link min-h-11 px-2" onClick={() => onChoose(NO_FILTERS)}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}
