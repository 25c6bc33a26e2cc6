import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useBasket, useFreshBasket } from '../cart/basket';
import { CheckoutForm } from '../checkout/CheckoutForm';
import { askAgain, placeOrder } from '../checkout/placing';
import { useMarkets } from '../checkout/queries';
import { sentOrder, useSentOrder } from '../checkout/sent';
import { Unanswered } from '../checkout/Unanswered';
import { Away, Message } from '../components/Message';
import { PageHeading } from '../components/PageHeading';

/** Orders the basket. While an order has no answer, that is asked for before anything else can be ordered. */
export function CheckoutPage() {
  const fresh = useFreshBasket();
  const { cart } = useBasket();
  const markets = useMarkets();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const sent = useSentOrder();
  const [ordering, setOrdering] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const unanswered = sent !== undefined && !ordering;

  const land = async (id: string): Promise<void> => {
    // A quote buys one order: if nothing comes of it, the next attempt needs a new one.
    queries.removeQueries({ queryKey: ['quote'] });
    await navigate(`/orders/${id}`, { replace: true });
  };
  const ask = async (): Promise<void> => {
    if (!sent) return;
    try {
      const id = await askAgain(sent);
      if (id !== undefined) await land(id);
    } catch (error) {
      if (sentOrder.read()) throw error;
      setRefusal(error); // the shop has answered: the form goes on with that
    }
  };
  return (
    <div className="column pt-8">
      <PageHeading title="Checkout" className="product-name">
        Checkout
      </PageHeading>
      {unanswered && (
        <div className="mt-6">
          <Unanswered onAsk={ask} />
        </div>
      )}
      {/* Hidden, not gone: what was typed in is still there if the order is refused. */}
      <div className="mt-6" hidden={unanswered}>
        {cart && cart.lines.length > 0 && markets.data ? (
          <CheckoutForm
            cart={cart}
            markets={markets.data}
            refusal={refusal}
            onOrder={async (request) => {
              setOrdering(true);
              try {
                await land(await placeOrder(request, cart));
              } catch (error) {
                if (!sentOrder.read()) throw error;
              } finally {
                setOrdering(false);
              }
            }}
          />
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
