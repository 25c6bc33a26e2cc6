import type { Market } from '../api/orders';
import type { Field, FieldErrors, Fields } from './fields';
import { ChoiceField, TextField } from './FormField';
import { countriesOf, currenciesOf, statesOf } from './places';

interface AddressFieldsProps {
  readonly fields: Fields;
  readonly errors: FieldErrors;
  readonly markets: readonly Market[];
  readonly currency: string;
  readonly onChange: (field: Field, value: string) => void;
  readonly onCurrency: (currency: string) => void;
}

const LINES = [
  ['name', 'Name', 'shipping name', true],
  ['street', 'Street and number', 'shipping address-line1', true],
  ['more', 'More for the address (not needed)', 'shipping address-line2', true],
  ['city', 'Town or city', 'shipping address-level2', false],
  ['postcode', 'Postcode', 'shipping postal-code', false],
] as const;

/** Where the parcel goes. The state is asked for where the tax depends on it, the currency where there is a choice. */
export function AddressFields({ fields, errors, markets, currency, onChange, onCurrency }: AddressFieldsProps) {
  const states = statesOf(markets, fields.country);
  const currencies = currenciesOf(markets, fields.country);
  return (
    <section className="form-section" aria-labelledby="address">
      <h2 id="address" className="section-title">
        Where it goes
      </h2>
      <div className="fields">
        {LINES.map(([field, label, autoComplete, wide]) => (
          <div key={field} className={wide ? 'wide' : ''}>
            <TextField
              id={field}
              label={label}
              autoComplete={autoComplete}
              value={fields[field]}
              error={errors[field]}
              onChange={(value) => onChange(field, value)}
            />
          </div>
        ))}
        <ChoiceField
          id="country"
          label="Country"
          autoComplete="shipping country"
          value={fields.country}
          error={errors.country}
          options={countriesOf(markets)}
          onChange={(value) => onChange('country', value)}
        />
        {states.length > 0 && (
          <ChoiceField
            id="state"
            label="State"
            autoComplete="shipping address-level1"
            value={fields.state}
            error={errors.state}
            options={states}
            onChange={(value) => onChange('state', value)}
          />
        )}
        {currencies.length > 1 && (
          <ChoiceField
            id="currency"
            label="Pay in"
            autoComplete="transaction-currency"
            value={currency}
            error={undefined}
            options={currencies.map((code) => ({ code, name: code }))}
            onChange={onCurrency}
          />
        )}
      </div>
    </section>
  );
}
