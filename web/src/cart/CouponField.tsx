import { useRef, useState, type FormEvent } from 'react';
import type { CartCoupon } from '../api/cart';
import { ApiError } from '../api/client';
import { couponProblem, couponTakesNothing } from '../lib/coupons';
import { explain } from '../lib/explain';
import { formatPrice } from '../lib/price';
import { basket } from './basket';

/** What the shop says of a code that it does not take. */
const refusalOf = (error: unknown): string =>
  error instanceof ApiError && error.code === 'coupon-not-applicable'
    ? couponProblem(error.violations[0]?.code ?? '')
    : explain(error);

/** Where a coupon's code is typed in; when there is one, what it takes off, and how to take it out. */
export function CouponField({ coupon }: { readonly coupon: CartCoupon | null }) {
  const [code, setCode] = useState('');
  const [refused, setRefused] = useState<string>();
  const busy = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  const set = async (wanted: string | null): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setRefused(undefined);
    try {
      await basket.setCoupon(wanted);
      setCode('');
    } catch (error) {
      setRefused(refusalOf(error));
      field.current?.focus();
    } finally {
      busy.current = false;
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (code.trim() !== '') void set(code.trim());
  };
  if (coupon)
    return (
      <div className="coupon">
        <p role="status">
          {coupon.applied && coupon.discount
            ? `Coupon ${coupon.code}: about ${formatPrice(coupon.discount)} less.`
            : couponTakesNothing(coupon.code, coupon.problem ?? '')}
        </p>
        <button type="button" className="link min-h-11" onClick={() => void set(null)}>
          Remove the coupon
        </button>
        {refused !== undefined && (
          <p role="alert" className="field-error">
            That did not work: {refused}
          </p>
        )}
      </div>
    );
  return (
    <form className="coupon" noValidate onSubmit={submit}>
      <label htmlFor="coupon" className="block font-semibold">
        Coupon
      </label>
      <div className="coupon-row">
        <input
          ref={field}
          id="coupon"
          className="field"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={40}
          value={code}
          aria-invalid={refused !== undefined}
          aria-describedby={refused === undefined ? undefined : 'coupon-error'}
          onChange={(event) => setCode(event.target.value)}
        />
        <button type="submit" className="button button-quiet">
          Apply
        </button>
      </div>
      {refused !== undefined && (
        <p id="coupon-error" role="alert" className="field-error">
          Not applied: {refused}
        </p>
      )}
    </form>
  );
}
