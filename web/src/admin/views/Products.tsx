import { useState } from 'react';
import { useCategories } from '../../api/queries';
import type { Category } from '../../api/types';
import { childrenOf, topLevel } from '../../lib/categories';
import { formatPrice } from '../../lib/price';
import { useAdmin } from '../access';
import { marginOf } from '../amounts';
import { percent, words } from '../figures';
import { Choice } from '../parts/Choice';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { AdminProduct, AdminProductPage } from '../types';
import { EditProduct } from './EditProduct';

const SORTS = [
  ['-popularity', 'Most popular'],
  ['name', 'Name'],
  ['price', 'Price, low to high'],
  ['-price', 'Price, high to low'],
  ['-createdAt', 'Newest'],
] as const;
const STATUSES = [
  ['', 'All'],
  ['active', 'For sale'],
  ['draft', 'Draft'],
  ['archived', 'Archived'],
] as const;
const FIRST = { category: '', status: '', sort: '-popularity' } as const;

interface Chosen {
  readonly category: string;
  readonly status: (typeof STATUSES)[number][0];
  readonly sort: (typeof SORTS)[number][0];
}

/** What is in the catalogue, with what it costs the shop and what is left of the price. */
export function Products() {
  const [chosen, setChosen] = useState<Chosen>(FIRST);
  /** Where the pages begin that led here; the last is the one that is shown. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [edited, setEdited] = useState<{ readonly product: AdminProduct; readonly times: number }>();
  const { data: categories = [] } = useCategories();
  const after = cursors.at(-1);
  const filters = Object.entries({ ...chosen, ...(after !== undefined && { after }) }).filter(([, value]) => value);
  const products = useAdmin<AdminProductPage>(`products?${new URLSearchParams([['limit', '20'], ...filters])}`);
  const choose = (change: Partial<Chosen>): void => {
    setChosen({ ...chosen, ...change });
    setCursors([]);
  };
  const edit = (product: AdminProduct): void => setEdited({ product, times: (edited?.times ?? 0) + 1 });
  return (
    <div className="panels">
      <Panel title="Catalogue" about="Costs and margins are seen here alone: no page of the shop shows them." wide>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <Choice
            label="Category"
            options={[['', 'All'], ...optionsOf(categories)]}
            value={chosen.category}
            onChange={(category) => choose({ category })}
          />
          <Choice label="State" options={STATUSES} value={chosen.status} onChange={(status) => choose({ status })} />
          <Choice label="Order" options={SORTS} value={chosen.sort} onChange={(sort) => choose({ sort })} />
        </div>
        <Answer query={products}>
          {({ data, page }) => (
            <>
              {data.length === 0 ? <Nothing note="There is no such product." /> : <List rows={data} edit={edit} />}
              <p className="flex gap-6">
                {cursors.length > 0 && (
                  <button type="button" className="link min-h-11" onClick={() => setCursors(cursors.slice(0, -1))}>
                    Page before
                  </button>
                )}
                {page.next !== null && (
                  <button
                    type="button"
                    className="link min-h-11"
                    onClick={() => page.next !== null && setCursors([...cursors, page.next])}
                  >
                    Next page
                  </button>
                )}
              </p>
            </>
          )}
        </Answer>
      </Panel>
      {edited && <EditProduct key={edited.times} product={edited.product} onSettled={() => void products.refetch()} />}
    </div>
  );
}

function List({ rows, edit }: { readonly rows: readonly AdminProduct[]; readonly edit: (row: AdminProduct) => void }) {
  return (
    <DataTable
      caption="Products"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Product', cell: ({ name }) => name },
        { title: 'Sku', cell: ({ sku }) => sku },
        { title: 'State', cell: ({ status }) => (status === 'active' ? 'For sale' : words(status)) },
        { title: 'Price', cell: ({ price }) => formatPrice(price), numeric: true },
        { title: 'Cost', cell: ({ cost }) => (cost ? formatPrice(cost) : 'unknown'), numeric: true },
        { title: 'Margin', cell: marginText, numeric: true },
        {
          title: 'Change',
          cell: (row) => (
            <button type="button" className="link min-h-11" onClick={() => edit(row)}>
              Edit
              <span className="sr-only">: {row.name}</span>
            </button>
          ),
        },
      ]}
    />
  );
}

function marginText({ price, cost }: AdminProduct): string {
  const margin = marginOf(price, cost);
  return margin === undefined ? '' : percent(margin, 1);
}

/** Departments, each with what is in it. */
function optionsOf(categories: readonly Category[]): (readonly [path: string, name: string])[] {
  const below = (one: Category, depth: number): (readonly [string, string])[] => [
    [one.path, `${'– '.repeat(depth)}${one.name}`],
    ...childrenOf(categories, one.id).flatMap((child) => below(child, depth + 1)),
  ];
  return topLevel(categories).flatMap((department) => below(department, 0));
}
