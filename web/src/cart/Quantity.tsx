import { useEffect, useState } from 'react';
import { MinusIcon, PlusIcon } from '../components/icons';
import { MOST_UNITS } from './keeper';

interface QuantityProps {
  readonly name: string;
  readonly quantity: number;
  readonly onChoose: (quantity: number) => void;
  /** One more or one fewer than was chosen last. */
  readonly onStep: (by: 1 | -1) => void;
}

/** One less, one more, or a number typed in. */
export function Quantity({ name, quantity, onChoose, onStep }: QuantityProps) {
  const [typed, setTyped] = useState<string>();
  useEffect(() => setTyped(undefined), [quantity]);
  const settle = (): void => {
    const number = Number(typed);
    if (typed !== undefined && /^\d{1,7}$/.test(typed) && number >= 1 && number <= MOST_UNITS && number !== quantity)
      onChoose(number);
    setTyped(undefined);
  };
  return (
    <div className="quantity" role="group" aria-label={`Quantity of ${name}`}>
      <button type="button" aria-label={`One less of ${name}`} aria-disabled={quantity <= 1} onClick={() => onStep(-1)}>
        <MinusIcon className="size-4" />
      </button>
      <input
        aria-label={`Quantity of ${name}`}
        inputMode="numeric"
        autoComplete="off"
        maxLength={7}
        value={typed ?? String(quantity)}
        onChange={(event) => setTyped(event.target.value.replace(/\D/g, ''))}
        onBlur={settle}
        onKeyDown={(event) => {
          if (event.key === 'Enter') settle();
          if (event.key === 'Escape') setTyped(undefined);
        }}
      />
      <button
        type="button"
        aria-label={`One more of ${name}`}
        aria-disabled={quantity >= MOST_UNITS}
        onClick={() => onStep(1)}
      >
        <PlusIcon className="size-4" />
      </button>
    </div>
  );
}
