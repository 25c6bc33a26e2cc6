import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import type { Cart, QuoteRequest } from '../api/cart';
import { ApiError } from '../api/client';
import type { CheckoutRequest, Market } from '../api/orders';
import { basket } from '../cart/basket';
import { Message } from '../components/Message';
import { explain } from '../lib/explain';
import { AddressFields } from './AddressFields';
import { addressOf, checkFields, EMPTY, fieldErrorsOf, FIELDS, type Field, type FieldErrors } from './fields';
import { TextField } from './FormField';
import { OUTCOMES, Payment } from './Payment';
import { currenciesOf, statesOf } from './places';
import { PerhapsOrdered } from './placing';
import { usePaymentMethods, useQuote } from './queries';
import { Summary } from './Summary';

interface CheckoutFormProps {
  readonly cart: Cart;
  readonly markets: readonly Market[];
  /** Why an order that was sent before was refused. */
  readonly refusal: unknown;
  /** Resolves when the order is placed, or unanswered; rejects with why it was refused. */
  readonly onOrder: (request: CheckoutRequest) => Promise<void>;
}

/** What the shop needs to know to send the basket somewhere, and to be paid for it. */
export function CheckoutForm({ cart, markets, refusal, onOrder }: CheckoutFormProps) {
  const [fields, setFields] = useState(EMPTY);
  const [currency, setCurrency] = useState<string>();
  const [outcome, setOutcome] = useState<string>(OUTCOMES[0].token);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [trouble, setTrouble] = useState<'short' | 'perhaps' | string>();
  const [sending, setSending] = useState(false);
  const busy = useRef(false);

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
      await onOrder({
        quoteId: quote.data.id,
        method,
        token: outcome,
        email: fields.email.trim(),
        shippingAddress: addressOf(fields, needsState),
        returnUrl: `${location.origin}/orders/{order}`,
      });
    } catch (error) {
      await refused(error);
    } finally {
      busy.current = false;
      setSending(false);
    }
  };
  const requote = async (): Promise<void> => {
    if (request) await quote.refetch();
  };
  const refused = async (error: unknown): Promise<void> => {
    if (error instanceof PerhapsOrdered) {
      setTrouble('perhaps');
      await requote();
    } else if (error instanceof ApiError && error.code === 'quote-expired') {
      await requote();
      setTrouble('the price had to be worked out again. Look at the total, then order.');
    } else if (error instanceof ApiError && error.code === 'out-of-stock') {
      setTrouble('short');
      await basket.refresh().catch(() => null); // the page says what it knows
    } else if (error instanceof ApiError && error.code === 'coupon-not-applicable') {
      await requote();
      setTrouble('the coupon cannot be used any more. Look at the total, then order.');
    } else if (!(error instanceof ApiError && objectTo(fieldErrorsOf(error.violations)))) setTrouble(explain(error));
  };
  useEffect(() => {
    if (refusal !== undefined) void refused(refusal);
    // Once for each refusal: what is shown of it afterwards is the form's.
  }, [refusal]);

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
            ) : trouble === 'perhaps' ? (
              <p>
                This was sent before, and may have been ordered then. Look whether you were charged for it before you
                order it now.
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
