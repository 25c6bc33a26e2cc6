import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import type { Cart, QuoteRequest } from '../api/cart';
import { ApiError, newRequestKey } from '../api/client';
import { checkOut, type CheckoutRequest, type Market } from '../api/orders';
import { basket } from '../cart/basket';
import { Message } from '../components/Message';
import { explain } from '../lib/explain';
import { AddressFields } from './AddressFields';
import { addressOf, checkFields, EMPTY, fieldErrorsOf, FIELDS, type Field, type FieldErrors } from './fields';
import { TextField } from './FormField';
import { rememberPlaced } from './orders';
import { OUTCOMES, Payment } from './Payment';
import { currenciesOf, statesOf } from './places';
import { usePaymentMethods, useQuote } from './queries';
import { Summary } from './Summary';

interface CheckoutFormProps {
  readonly cart: Cart;
  readonly markets: readonly Market[];
}

export function CheckoutForm({ cart, markets }: CheckoutFormProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [fields, setFields] = useState(EMPTY);
  const [currency, setCurrency] = useState<string>();
  const [outcome, setOutcome] = useState<string>(OUTCOMES[0].token);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [trouble, setTrouble] = useState<'short' | string>();
  const [sending, setSending] = useState(false);
  const busy = useRef(false);
  // The same order sent again, after an answer that was lost, has the same key: it is placed once.
  const sent = useRef<{ readonly request: string; readonly key: string }>(undefined);

  const needsState = statesOf(markets, fields.country).length > 0;
  const offered = currenciesOf(markets, fields.country);
  const pays = currency !== undefined && offered.includes(currency) ? currency : (offered[0] ?? '');
  const placed = fields.country !== '' && (!needsState || fields.state !== '');
  const request: QuoteRequest | undefined = placed
    ? { destination: { country: fields.country, ...(needsState ? { state: fields.state } : {}) }, currency: pays }
    : undefined;
  const quote = useQuote(cart, request);
  const methods = usePaymentMethods(fields.country, pays);
  // A real provider's own form would stand here; these pages have only the sandbox's.
  const offers = methods.data?.provider === 'sandbox' ? methods.data.data : [];
  const method = offers.some((one) => one.method === fields.method) ? fields.method : (offers[0]?.method ?? '');

  const choose = (field: Field, value: string): void => {
    setFields((before) => ({ ...before, [field]: value, ...(field === 'country' ? { state: '' } : {}) }));
    setErrors(({ [field]: _mended, ...others }) => others);
  };
  const objectTo = (wrong: FieldErrors): boolean => {
    setErrors(wrong);
    const first = FIELDS.find((field) => wrong[field] !== undefined);
    if (first) document.getElementById(first)?.focus();
    return first !== undefined;
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy.current) return;
    setTrouble(undefined);
    if (objectTo(checkFields({ ...fields, method }, needsState))) return;
    if (!quote.data || quote.isPlaceholderData)
      return setTrouble('the total is still being worked out. Try again in a moment.');
    busy.current = true;
    setSending(true);
    try {
      await place({
        quoteId: quote.data.id,
        method,
        token: outcome,
        email: fields.email.trim(),
        shippingAddress: addressOf(fields, needsState),
      });
    } catch (error) {
      await refused(error);
    } finally {
      busy.current = false;
      setSending(false);
    }
  };
  const place = async (order: CheckoutRequest): Promise<void> => {
    const text = JSON.stringify(order);
    if (sent.current?.request !== text) sent.current = { request: text, key: newRequestKey() };
    const { order: made, orderToken } = await checkOut(order, sent.current.key);
    // A quote buys one order: if nothing comes of it, the next attempt needs a new one.
    queries.removeQueries({ queryKey: ['quote'] });
    const names = Object.fromEntries(cart.lines.map(({ sku, name }) => [sku, name ?? sku]));
    // Of an order that came to nothing the basket stays where it is.
    const aside = made.state === 'cancelled' ? undefined : basket.setAside();
    rememberPlaced({ id: made.id, token: orderToken, names, basket: aside });
    await navigate(`/orders/${made.id}`, { replace: true });
  };
  const refused = async (error: unknown): Promise<void> => {
    if (error instanceof ApiError && ['quote-expired', 'quote-used'].includes(error.code ?? '')) {
      await quote.refetch();
      setTrouble('the price had to be worked out again. Look at the total, then order.');
    } else if (error instanceof ApiError && error.code === 'out-of-stock') {
      setTrouble('short');
      await basket.refresh().catch(() => null); // the page says what it knows
    } else if (!(error instanceof ApiError && objectTo(fieldErrorsOf(error.violations)))) setTrouble(explain(error));
  };

  if (cart.lines.some(({ problem }) => problem !== null && problem !== 'other-currency') && trouble === undefined)
    return (
      <Message>
        <p>Something in your basket cannot be ordered as it is.</p>
        <Link to="/basket" className="button">
          Back to the basket
        </Link>
      </Message>
    );
  return (
    <form className="checkout" noValidate onSubmit={(event) => void submit(event)} aria-label="Checkout">
      <div className="min-w-0">
        <section className="form-section" aria-labelledby="contact">
          <h2 id="contact" className="section-title">
            Where we reach you
          </h2>
          <TextField
            id="email"
            label="E-mail"
            type="email"
            autoComplete="email"
            value={fields.email}
            error={errors.email}
            onChange={(value) => choose('email', value)}
          />
        </section>
        <AddressFields
          fields={fields}
          errors={errors}
          markets={markets}
          currency={pays}
          onChange={choose}
          onCurrency={setCurrency}
        />
        <section className="form-section" aria-labelledby="payment">
          <h2 id="payment" className="section-title">
            Payment
          </h2>
          {offers.length > 0 ? (
            <Payment
              methods={offers}
              method={method}
              outcome={outcome}
              error={method === '' ? errors.method : undefined}
              onMethod={(value) => choose('method', value)}
              onOutcome={setOutcome}
            />
          ) : (
            <p className="text-muted">
              {fields.country === ''
                ? 'Choose the country first: how one pays depends on it.'
                : methods.isError
                  ? 'The ways to pay could not be loaded. Choose the country again.'
                  : methods.data
                    ? 'Nothing can be paid there at the moment.'
                    : 'One moment…'}
            </p>
          )}
        </section>
      </div>
      <Summary
        cart={cart}
        quote={placed ? quote.data : undefined}
        waiting={quote.isFetching}
        failed={quote.isError ? explain(quote.error) : undefined}
        onRetry={() => void quote.refetch()}
      >
        {trouble !== undefined && (
          <div role="alert" className="mt-4 font-semibold text-alert">
            {trouble === 'short' ? (
              <p>
                Somebody was faster: not all of it is there any more. Nothing was charged. See{' '}
                <Link to="/basket" className="link">
                  your basket
                </Link>
                .
              </p>
            ) : (
              <p>Not ordered: {trouble}</p>
            )}
          </div>
        )}
        <button type="submit" className="button button-large mt-5 w-full justify-center" aria-disabled={sending}>
          {sending ? 'Ordering…' : 'Order and pay'}
        </button>
      </Summary>
    </form>
  );
}
