import { useEffect, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { isPassing } from '../api/client';
import { cancelOrder, type Order } from '../api/orders';
import { basket } from '../cart/basket';
import { findPlaced, tellOfPurchase, type PlacedHere } from '../checkout/orders';
import { NextActionPanel } from '../checkout/NextAction';
import { progressOf, STEPS } from '../checkout/progress';
import { useOrder } from '../checkout/queries';
import { Sum } from '../checkout/Sum';
import { Away } from '../components/Message';
import { PageHeading } from '../components/PageHeading';
import { explain } from '../lib/explain';
import { formatPrice } from '../lib/price';
import { NotFound } from './NotFoundPage';

export function OrderPage() {
  const { id = '' } = useParams();
  const placed = findPlaced(id);
  const { data, error, isError, refetch } = useOrder(id, placed?.token);
  if (placed && data) return <OrderView order={data} placed={placed} away={isError} onChanged={() => void refetch()} />;
  if (!placed || (isError && !isPassing(error)))
    return (
      <NotFound title="No such order here">
        An order can be seen in the browser that it was placed with, and this is not one of its.
      </NotFound>
    );
  return (
    <div className="column pt-8">
      <PageHeading title="Your order" className="product-name">
        Your order
      </PageHeading>
      <div className="mt-6">
        {isError ? (
          <Away what="Your order" onRetry={() => void refetch()} />
        ) : (
          <div aria-busy="true">
            <p className="sr-only">Loading your order…</p>
            <span className="waiting h-48" />
          </div>
        )}
      </div>
    </div>
  );
}

interface OrderViewProps {
  readonly order: Order;
  readonly placed: PlacedHere;
  /** Whether the newest look at it failed. */
  readonly away: boolean;
  readonly onChanged: () => void;
}

function OrderView({ order, placed, away, onChanged }: OrderViewProps) {
  const { title, sentence, done, mayCancel } = progressOf(order.state, order.reason);
  useEffect(() => tellOfPurchase(order), [order]);
  const { name, lines, city, postcode, state, country } = order.shippingAddress;
  return (
    <div className="column pt-8">
      <PageHeading title="Your order" className="product-name">
        {title}
      </PageHeading>
      <p role="status" className="mt-3 max-w-prose text-lg">
        <span className="sr-only">{title}. </span>
        {sentence}
      </p>
      {away && <p className="mt-2 text-alert">The shop does not answer right now; this may not be the newest.</p>}
      <div className="checkout mt-6">
        <div className="min-w-0">
          {done !== undefined && (
            <ol className="steps form-section" aria-label="How far it is">
              {STEPS.map((step, index) => (
                <li key={step} className={`step ${index < done ? 'step-done' : index === done ? 'step-now' : ''}`}>
                  <span>
                    {step}
                    <span className="sr-only">{index < done ? ': done' : index === done ? ': now' : ': not yet'}</span>
                  </span>
                </li>
              ))}
            </ol>
          )}
          {order.payment?.nextAction && <NextActionPanel action={order.payment.nextAction} />}
          <Actions order={order} placed={placed} mayCancel={mayCancel} onChanged={onChanged} />
          <dl className="product-facts">
            <dt>Order</dt>
            <dd>{order.id}</dd>
            <dt>Goes to</dt>
            <dd>
              {[name, ...lines, `${postcode} ${city}`, [state, country].filter(Boolean).join(', ')].map(
                (part, index) => (
                  <span key={index} className="block">
                    {part}
                  </span>
                ),
              )}
            </dd>
            {order.email && (
              <>
                <dt>E-mail</dt>
                <dd>{order.email}</dd>
              </>
            )}
          </dl>
        </div>
        <section aria-labelledby="ordered" className="basket-sum">
          <h2 id="ordered" className="section-title">
            What you ordered
          </h2>
          <ul className="sum-lines">
            {order.lines.map(({ sku, quantity, subtotal }) => (
              <li key={sku}>
                <span>
                  {quantity.toLocaleString('en-GB')} × {placed.names[sku] ?? sku}
                </span>
                <span>{formatPrice(subtotal)}</span>
              </li>
            ))}
          </ul>
          <Sum figures={order} />
        </section>
      </div>
    </div>
  );
}

interface ActionsProps {
  readonly order: Order;
  readonly placed: PlacedHere;
  readonly mayCancel: boolean;
  readonly onChanged: () => void;
}

/** Calling it off while that is possible; and from one that came to nothing, back to the checkout with the same basket. */
function Actions({ order, placed, mayCancel, onChanged }: ActionsProps) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const act = async (action: () => Promise<unknown>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setTrouble(undefined);
    try {
      await action();
    } catch (error) {
      setTrouble(explain(error));
    } finally {
      setBusy(false);
    }
  };
  const again = async (): Promise<void> => {
    if (placed.basket) await basket.bringBack(placed.basket);
    await navigate('/checkout');
  };
  const cancel = async (): Promise<void> => {
    await cancelOrder(order.id, placed.token);
    onChanged();
  };
  return (
    <div className="mt-6 grid justify-items-start gap-3">
      {order.state === 'cancelled' ? (
        <button type="button" className="button" aria-disabled={busy} onClick={() => void act(again)}>
          Try again with the same basket
        </button>
      ) : (
        <Link to="/" className="button">
          Go on shopping
        </Link>
      )}
      {mayCancel && (
        <button type="button" className="button button-quiet" aria-disabled={busy} onClick={() => void act(cancel)}>
          Cancel the order
        </button>
      )}
      {trouble !== undefined && (
        <p role="alert" className="font-semibold text-alert">
          That did not work: {trouble}
        </p>
      )}
    </div>
  );
}
