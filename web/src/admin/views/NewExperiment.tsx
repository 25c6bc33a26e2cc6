import { useId, useState, type FormEvent } from 'react';
import { words } from '../figures';
import { Choice } from '../parts/Choice';

/** What an experiment is made of. */
export interface ExperimentDraft {
  readonly key: string;
  readonly name: string;
  readonly metric: string;
  readonly variants: readonly { readonly key: string; readonly weight: number }[];
}

const METRICS = ['click', 'add_to_cart', 'purchase'] as const;
const EMPTY = { name: '', key: '', variants: '' };

const FIELDS = [
  { field: 'name', label: 'Name', hint: undefined, pattern: undefined },
  {
    field: 'key',
    label: 'Key',
    hint: 'What the shop asks for: up to 40 of a-z, 0-9, - and _.',
    pattern: '[a-z0-9][a-z0-9_\\-]{0,39}',
  },
  {
    field: 'variants',
    label: 'Variants',
    hint: 'Their keys with a comma between them. Each gets as many visitors; the first is what the others are compared with.',
    pattern: undefined,
  },
] as const;

/** Asks for a new experiment, a draft at first. `make` says whether it was made: what was typed stays where it was not. */
export function NewExperiment({ make }: { readonly make: (draft: ExperimentDraft) => Promise<boolean> }) {
  const id = useId();
  const [typed, setTyped] = useState(EMPTY);
  const [metric, setMetric] = useState<string>(METRICS[0]);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const keys = typed.variants.split(',').map((key) => key.trim());
    const variants = keys.filter((key) => key !== '').map((key) => ({ key, weight: 1 }));
    if (await make({ key: typed.key.trim(), name: typed.name.trim(), metric, variants })) setTyped(EMPTY);
  };
  return (
    <form className="grid max-w-md gap-4" onSubmit={(event) => void submit(event)}>
      {FIELDS.map(({ field, label, hint, pattern }) => (
        <div key={field} className="field">
          <label htmlFor={`${id}-${field}`}>{label}</label>
          <input
            id={`${id}-${field}`}
            className="text-input"
            required
            autoComplete="off"
            value={typed[field]}
            onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
            {...(pattern !== undefined && { pattern })}
            {...(hint !== undefined && { 'aria-describedby': `${id}-${field}-about` })}
          />
          {hint !== undefined && (
            <p id={`${id}-${field}-about`} className="mt-1 text-sm text-muted">
              {hint}
            </p>
          )}
        </div>
      ))}
      <Choice label="Counts" options={METRICS.map((one) => [one, words(one)])} value={metric} onChange={setMetric} />
      <button type="submit" className="button justify-self-start">
        Make it
      </button>
    </form>
  );
}
