import type { ReactNode } from 'react';
import type { Place } from './places';
import { ChevronIcon } from '../components/icons';

interface FormFieldProps {
  readonly id: string;
  readonly label: string;
  readonly error: string | undefined;
  readonly children: (described: {
    readonly id: string;
    readonly 'aria-invalid': boolean;
    readonly 'aria-describedby': string | undefined;
  }) => ReactNode;
}

/** A label, its control, and under it what is wrong with what was entered. */
export function FormField({ id, label, error, children }: FormFieldProps) {
  const note = `${id}-error`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-invalid': error !== undefined,
        'aria-describedby': error === undefined ? undefined : note,
      })}
      {error !== undefined && (
        <p id={note} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly autoComplete: string;
  readonly type?: 'text' | 'email';
  readonly onChange: (value: string) => void;
}

export function TextField({ id, label, value, error, autoComplete, type = 'text', onChange }: TextFieldProps) {
  return (
    <FormField id={id} label={label} error={error}>
      {(described) => (
        <input
          {...described}
          className="text-input"
          type={type}
          value={value}
          autoComplete={autoComplete}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FormField>
  );
}

interface ChoiceFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly options: readonly Place[];
  readonly autoComplete: string;
  readonly onChange: (value: string) => void;
}

export function ChoiceField({ id, label, value, error, options, autoComplete, onChange }: ChoiceFieldProps) {
  return (
    <FormField id={id} label={label} error={error}>
      {(described) => (
        <span className="relative flex items-center">
          <select
            {...described}
            className="select w-full"
            value={value}
            autoComplete={autoComplete}
            onChange={(event) => onChange(event.target.value)}
          >
            <option value="">Choose…</option>
            {options.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
          <ChevronIcon className="pointer-events-none absolute right-3 size-4" />
        </span>
      )}
    </FormField>
  );
}
