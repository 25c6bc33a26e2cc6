import { Link } from 'react-router';
import { useBasket, useFreshBasket } from '../cart/basket';
import { CheckoutForm } from '../checkout/CheckoutForm';
import { useMarkets } from '../checkout/queries';
import { Away, Message } from '../components/Message';
import { PageHeading } from '../components/PageHeading';

export function CheckoutPage() {
  const fresh = useFreshBasket();
  const { cart } = useBasket();
  const markets = useMarkets();
  return (
    <div className="column pt-8">
      <PageHeading title="Checkout" className="product-name">
        Checkout
      </PageHeading>
      <div className="mt-6">
        {cart && cart.lines.length > 0 && markets.data ? (
          <CheckoutForm cart={cart} markets={markets.data} />
        ) : cart !== undefined && (cart === null || cart.lines.length === 0) ? (
          <Message>
            <p>There is nothing in your basket to be paid for.</p>
            <Link to="/" className="button">
              Find something
            </Link>
          </Message>
        ) : fresh.isError || markets.isError ? (
          <Away
            what="The checkout"
            onRetry={() => {
              void fresh.refetch();
              void markets.refetch();
            }}
          />
        ) : (
          <div aria-busy="true" className="grid gap-4">
            <p className="sr-only">Loading the checkout…</p>
            <span className="waiting h-48" />
            <span className="waiting h-32" />
          </div>
        )}
      </div>
    </div>
  );
}
