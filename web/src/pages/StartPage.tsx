import { Link } from 'react-router';
import { useCategories, useProducts } from '../api/queries';
import { FavouriteTag } from '../components/FavouriteTag';
import { PageHeading } from '../components/PageHeading';
import { categoryAddress } from '../lib/addresses';
import { topLevel } from '../lib/categories';
import { POPULAR, StartShelves } from '../recommendations/StartShelves';
import { SearchBox } from '../search/SearchBox';

export function StartPage() {
  const favourite = useProducts(POPULAR).data?.pages[0]?.data[0];
  return (
    <>
      <div className="hero">
        <div className="column flex items-center justify-between gap-12">
          <div className="min-w-0 max-w-3xl grow">
            <PageHeading title="Find it while you type" className="hero-title">
              Find it while you type
            </PageHeading>
            <p className="mt-3 mb-6 max-w-xl text-lg text-on-brand">
              Start anywhere in the name, in any order. A slip of the finger is fine.
            </p>
            <SearchBox size="hero" />
          </div>
          {favourite && <FavouriteTag product={favourite} />}
        </div>
      </div>
      <Departments />
      <StartShelves />
    </>
  );
}

const productsInWords = (count: number): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? 'product' : 'products'}`;

/** The departments as the signs that hang over a shop's aisles. A shop without categories has none. */
function Departments() {
  const { data } = useCategories();
  const departments = topLevel(data ?? []);
  if (departments.length === 0) return null;
  return (
    <section aria-labelledby="departments" className="column mt-10">
      <h2 id="departments" className="section-title">
        Walk the aisles
      </h2>
      <ul className="aisles">
        {departments.map(({ id, path, name, productCount }, index) => (
          <li key={id}>
            <Link to={categoryAddress(path)} className="aisle">
              <span aria-hidden="true" className="aisle-number">
                {index + 1}
              </span>
              <span className="min-w-0">
                <span className="block font-bold break-words">{name}</span>
                <span className="block text-sm text-muted">{productsInWords(productCount)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
