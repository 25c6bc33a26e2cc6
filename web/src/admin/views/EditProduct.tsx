import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { explain } from '../../lib/explain';
import { useBackOffice } from '../access';
import { decimalOf, marginOf, typedMoney } from '../amounts';
import { percent } from '../figures';
import { Choice } from '../parts/Choice';
import { Panel } from '../parts/Panel';
import type { AdminProduct } from '../types';

const STATUSES = [
  ['active', 'For sale'],
  ['draft', 'Draft'],
  ['archived', 'Archived'],
] as const;

const typedOf = ({ name, price, cost, status }: AdminProduct) => ({
  name,
  price: decimalOf(price),
  cost: cost ? decimalOf(cost) : '',
  status,
});

/**
 * Changes a product as it was when it was chosen: whoever was faster is not overwritten. `onSettled` is told when the shop has
 * answered, whatever it said.
 */
export function EditProduct({
  product: chosen,
  onSettled,
}: {
  readonly product: AdminProduct;
  readonly onSettled: () => void;
}) {
  const id = useId();
  const first = useRef<HTMLInputElement>(null);
  const { patch } = useBackOffice();
  const [product, setProduct] = useState(chosen);
  const [typed, setTyped] = useState(() => typedOf(chosen));
  const [said, setSaid] = useState('');
  useEffect(() => first.current?.focus(), []);
  const { currency } = product.price;
  const price = typedMoney(typed.price, currency);
  const cost = typed.cost.trim() === '' ? null : typedMoney(typed.cost, currency);
  const margin = marginOf(price, cost);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const before = typedOf(product);
    const change = {
      ...(typed.name !== before.name && { name: typed.name }),
      ...(typed.price !== before.price && { price }),
      ...(typed.cost !== before.cost && { cost }),
      ...(typed.status !== before.status && { status: typed.status }),
    };
    if (price === undefined || cost === undefined)
      return setSaid(`Write an amount of ${currency} like ${decimalOf({ amount: 295, currency })}.`);
    if (Object.keys(change).length === 0) return setSaid('Nothing was changed.');
    setSaid('');
    try {
      const saved = (await patch(`products/${product.id}`, product.version, change)) as AdminProduct;
      setProduct(saved);
      setTyped(typedOf(saved));
      setSaid(`${saved.name} is saved.`);
    } catch (error) {
      setSaid(`That did not work: ${explain(error)}`);
    } finally {
      onSettled();
    }
  };
  const field = (name: 'name' | 'price' | 'cost') => ({
    id: `${id}-${name}`,
    className: 'text-input',
    autoComplete: 'off',
    value: typed[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setTyped({ ...typed, [name]: event.target.value }),
  });
  return (
    <Panel title={`Edit ${chosen.name}`} about={`Sku ${product.sku}`} wide>
      <form className="grid max-w-md gap-4" onSubmit={(event) => void save(event)}>
        <div className="field">
          <label htmlFor={`${id}-name`}>Name</label>
          <input {...field('name')} required maxLength={200} ref={first} />
        </div>
        <div className="field">
          <label htmlFor={`${id}-price`}>Price in {currency}</label>
          <input {...field('price')} required inputMode="decimal" aria-invalid={price === undefined} />
        </div>
        <div className="field">
          <label htmlFor={`${id}-cost`}>Cost in {currency}</label>
          <input
            {...field('cost')}
            inputMode="decimal"
            aria-invalid={cost === undefined}
            aria-describedby={`${id}-about ${id}-margin`}
          />
          <p id={`${id}-about`} className="mt-1 text-sm text-muted">
            What the shop pays for it. Empty where nobody knows.
          </p>
          <p id={`${id}-margin`} className="mt-1">
            Margin: {margin === undefined ? 'unknown' : percent(margin, 1)}
          </p>
        </div>
        <Choice
          label="State"
          options={STATUSES}
          value={typed.status}
          onChange={(status) => setTyped({ ...typed, status })}
        />
        <button type="submit" className="button justify-self-start">
          Save
        </button>
        <p role="status">{said}</p>
      </form>
    </Panel>
  );
}
