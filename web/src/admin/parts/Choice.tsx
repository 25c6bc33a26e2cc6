import { useId } from 'react';
import { ChevronIcon } from '../../components/icons';

interface ChoiceProps<T extends string> {
  readonly label: string;
  /** Each value with what it is called. */
  readonly options: readonly (readonly [value: T, name: string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, chosen from a list with its label before it. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <p className="flex flex-wrap items-center gap-2">
      <label htmlFor={id}>{label}</label>
      <span className="relative inline-flex items-center">
        <select id={id} className="select" value={value} onChange={(event) => onChange(event.target.value as T)}>
          {options.map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
        <ChevronIcon className="pointer-events-none absolute right-3 size-4" />
      </span>
    </p>
  );
}
