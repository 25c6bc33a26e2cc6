import { Link, useParams, useSearchParams } from 'react-router';
import { SORTS, type Sort } from '../api/client';
import { useCategories, useProducts } from '../api/queries';
import type { Category } from '../api/types';
import { Breadcrumbs } from '../components/Breadcrumbs';
import { GrowingShelf } from '../components/GrowingShelf';
import { ChevronIcon } from '../components/icons';
import { Away, Message } from '../components/Message';
import { PageHeading } from '../components/PageHeading';
import { EmptyShelf } from '../components/Shelf';
import { categoryAddress } from '../lib/addresses';
import { ancestorsOf, childrenOf } from '../lib/categories';
import { NotFound } from './NotFoundPage';

const PAGE = 24;

export function CategoryPage() {
  const path = useParams()['*']?.replace(/\/+$/, '') ?? '';
  const { data, isPending, refetch } = useCategories();
  const category = data?.find((one) => one.path === path);
  if (data && category) return <CategoryView key={category.id} category={category} categories={data} />;
  if (data) return <NotFound title="No such aisle">There is no category at this address.</NotFound>;
  return (
    <div className="column pt-8" aria-busy={isPending}>
      {isPending ? (
        <EmptyShelf places={12} />
      ) : (
        <>
          <PageHeading title="Category" className="sr-only">
            Category
          </PageHeading>
          <Away what="The category" onRetry={() => void refetch()} />
        </>
      )}
    </div>
  );
}

function CategoryView({
  category,
  categories,
}: {
  readonly category: Category;
  readonly categories: readonly Category[];
}) {
  const [parameters, setParameters] = useSearchParams();
  const given = parameters.get('sort') ?? '';
  const sort = (given in SORTS ? given : '-popularity') as Sort;
  const inStock = parameters.get('inStock') === 'true';
  const choose = (name: string, value: string): void => {
    setParameters(
      (previous) => {
        const next = new URLSearchParams(previous);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      // At once, not as a transition: a control that follows the address must not show the old choice after a click,
      // and a second choice made right after must build on the first.
      { replace: true, preventScrollReset: true, flushSync: true },
    );
  };
  const children = childrenOf(categories, category.id);
  return (
    <div className="column pt-6">
      <Breadcrumbs trail={ancestorsOf(categories, category)} />
      <PageHeading title={category.name} className="product-name mt-2">
        {category.name}
      </PageHeading>
      {children.length > 0 && (
        <ul aria-label={`In ${category.name}`} className="mt-5 flex flex-wrap gap-2">
          {children.map(({ id, path, name }) => (
            <li key={id}>
              <Link to={categoryAddress(path)} className="chip">
                {name}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <div className="list-controls">
        <label className="flex items-center gap-2">
          Sort by
          <span className="relative inline-flex items-center">
            <select className="select" value={sort} onChange={(event) => choose('sort', event.target.value)}>
              {Object.entries(SORTS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <ChevronIcon className="pointer-events-none absolute right-3 size-4" />
          </span>
        </label>
        <label className="flex min-h-11 items-center gap-2">
          <input
            type="checkbox"
            className="checkbox"
            checked={inStock}
            onChange={(event) => choose('inStock', event.target.checked ? 'true' : '')}
          />
          Only what is in stock
        </label>
      </div>
      <ProductList path={category.path} name={category.name} sort={sort} inStock={inStock} />
    </div>
  );
}

interface ProductListProps {
  readonly path: string;
  readonly name: string;
  readonly sort: Sort;
  readonly inStock: boolean;
}

function ProductList({ path, name, sort, inStock }: ProductListProps) {
  const query = useProducts({ category: path, sort, inStock, limit: PAGE });
  const { data, isPending, isError } = query;
  const products = data?.pages.flatMap((page) => page.data) ?? [];

  if (isPending) return <EmptyShelf places={12} />;
  if (isError && !data) return <Away what={name} onRetry={() => void query.refetch()} />;
  if (products.length === 0) {
    return <Message>{inStock ? `Nothing in ${name} is in stock today.` : `There is nothing in ${name} yet.`}</Message>;
  }
  return <GrowingShelf products={products} place={{ slot: 'category' }} query={query} />;
}
