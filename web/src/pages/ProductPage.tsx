import { useEffect } from 'react';
import { useParams } from 'react-router';
import { isPassing } from '../api/client';
import { useProduct } from '../api/queries';
import type { Product } from '../api/types';
import { AddToBasket } from '../components/AddToBasket';
import { Breadcrumbs } from '../components/Breadcrumbs';
import { Away } from '../components/Message';
import { PageHeading } from '../components/PageHeading';
import { Picture } from '../components/Picture';
import { formatPrice } from '../lib/price';
import { ProductShelves } from '../recommendations/ProductShelves';
import { viewed } from '../tracking/tracker';
import { NotFound } from './NotFoundPage';

export function ProductPage() {
  const { id = '' } = useParams();
  const { data, isPending, error, refetch } = useProduct(id);
  if (data) return <ProductView key={data.id} product={data} />;
  if (isPending) return <Waiting />;
  if (!isPassing(error)) {
    return <NotFound title="No such product">This product is not, or no longer, in the shop.</NotFound>;
  }
  return (
    <div className="column pt-8">
      <PageHeading title="Product" className="sr-only">
        Product
      </PageHeading>
      <Away what="The product" onRetry={() => void refetch()} />
    </div>
  );
}

function ProductView({ product }: { readonly product: Product }) {
  useEffect(() => viewed(product.id), [product.id]);
  const { name, sku, description, brand, category, price, image, inStock } = product;
  return (
    <article className="column pt-6">
      <Breadcrumbs trail={category ? [...category.ancestors, category] : []} />
      <div className="product">
        <div className="product-picture">
          <Picture source={image} eager />
        </div>
        <div className="min-w-0 lg:pt-6">
          {brand && <p className="mb-2 font-semibold text-muted">{brand.name}</p>}
          <PageHeading title={name} className="product-name">
            {name}
          </PageHeading>
          <p className="mt-6 flex flex-wrap items-center gap-x-5 gap-y-3">
            <span className="price-tag price-tag-large">{formatPrice(price)}</span>
            <span className={inStock ? 'stock stock-in' : 'stock stock-out'}>
              {inStock ? 'In stock' : 'Out of stock'}
            </span>
          </p>
          <AddToBasket product={product} />
          {description && <p className="mt-6 max-w-prose text-lg whitespace-pre-line">{description}</p>}
          <dl className="product-facts">
            {category && (
              <>
                <dt>Category</dt>
                <dd>{category.name}</dd>
              </>
            )}
            <dt>Article</dt>
            <dd>{sku}</dd>
          </dl>
        </div>
      </div>
      <ProductShelves product={product} />
    </article>
  );
}

function Waiting() {
  return (
    <div className="column pt-6" aria-busy="true">
      <p className="sr-only">Loading the product…</p>
      <span className="waiting h-6 w-48" />
      <div className="product">
        <div className="product-picture">
          <span className="waiting" />
        </div>
        <div className="grid content-start gap-4 lg:pt-6">
          <span className="waiting h-10 w-4/5" />
          <span className="waiting h-12 w-32" />
        </div>
      </div>
    </div>
  );
}
