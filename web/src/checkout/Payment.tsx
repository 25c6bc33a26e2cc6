import type { PaymentMethod } from '../api/orders';

/** How the sandbox's payment ends: what a real provider's page would find out. */
export const OUTCOMES = [
  { token: 'tok_success', name: 'It succeeds' },
  { token: 'tok_declined', name: 'It is declined' },
  { token: 'tok_insufficient_funds', name: 'It is declined: not enough money' },
  { token: 'tok_pending_success', name: 'It takes a while, then succeeds' },
  { token: 'tok_pending_failure', name: 'It takes a while, then fails' },
  { token: 'tok_payer_acts', name: 'It waits for you to confirm it' },
] as const;

interface PaymentProps {
  readonly methods: readonly PaymentMethod[];
  readonly method: string;
  readonly outcome: string;
  readonly error: string | undefined;
  readonly onMethod: (method: string) => void;
  readonly onOutcome: (token: string) => void;
}

/** The ways to pay at this destination, and how the trial ends. No card number is ever typed into the shop. */
export function Payment({ methods, method, outcome, error, onMethod, onOutcome }: PaymentProps) {
  return (
    <>
      <fieldset aria-describedby={error === undefined ? undefined : 'method-error'}>
        <legend className="mb-2 font-semibold">Pay by</legend>
        <div className="choices">
          {methods.map((one, index) => (
            <Choice
              key={one.method}
              id={index === 0 ? 'method' : `method-${one.method}`}
              group="method"
              name={one.name}
              note={one.confirms === 'later' ? 'You confirm it in your bank’s app.' : undefined}
              checked={method === one.method}
              onChoose={() => onMethod(one.method)}
            />
          ))}
        </div>
        {error !== undefined && (
          <p id="method-error" className="field-error">
            {error}
          </p>
        )}
      </fieldset>
      <fieldset className="mt-5">
        <legend className="mb-1 font-semibold">This shop is a trial: no money moves</legend>
        <p className="mb-2 text-sm text-muted">Choose how the payment ends.</p>
        <div className="choices">
          {OUTCOMES.map(({ token, name }) => (
            <Choice
              key={token}
              id={token}
              group="outcome"
              name={name}
              checked={outcome === token}
              onChoose={() => onOutcome(token)}
            />
          ))}
        </div>
      </fieldset>
    </>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly note?: string | undefined;
  readonly checked: boolean;
  readonly onChoose: () => void;
}

function Choice({ id, group, name, note, checked, onChoose }: ChoiceProps) {
  return (
    <label className="choice">
      <input id={id} type="radio" name={group} className="checkbox" checked={checked} onChange={onChoose} />
      <span>
        <span className="block font-semibold">{name}</span>
        {note && <span className="block text-sm text-muted">{note}</span>}
      </span>
    </label>
  );
}
