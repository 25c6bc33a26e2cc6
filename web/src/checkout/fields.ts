import type { Address } from '../api/orders';

/** What the form asks for, in its order: the first that is wrong takes the focus. */
export const FIELDS = ['email', 'name', 'street', 'more', 'city', 'postcode', 'country', 'state', 'method'] as const;
export type Field = (typeof FIELDS)[number];
export type Fields = Readonly<Record<Field, string>>;
export type FieldErrors = Readonly<Partial<Record<Field, string>>>;

export const EMPTY: Fields = {
  email: '',
  name: '',
  street: '',
  more: '',
  city: '',
  postcode: '',
  country: '',
  state: '',
  method: '',
};

const REQUIRED: readonly (readonly [Field, string])[] = [
  ['email', 'Enter your e-mail address'],
  ['name', 'Enter the name of who receives the parcel'],
  ['street', 'Enter the street and number'],
  ['city', 'Enter the town or city'],
  ['postcode', 'Enter the postcode'],
  ['country', 'Choose the country'],
  ['method', 'Choose how to pay'],
];
const LONGEST: Readonly<Partial<Record<Field, number>>> = {
  name: 200,
  street: 200,
  more: 200,
  city: 100,
  postcode: 20,
};

/** What is wrong with the form, field by field, in words that say what to do. */
export function checkFields(fields: Fields, needsState: boolean): FieldErrors {
  const errors: Partial<Record<Field, string>> = {};
  for (const [field, words] of REQUIRED) if (fields[field].trim() === '') errors[field] = words;
  // How one pays depends on the country: one thing after the other.
  if (errors.country) delete errors.method;
  if (needsState && fields.state === '') errors.state = 'Choose the state';
  if (!errors.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(fields.email.trim()))
    errors.email = 'Enter an e-mail address like name@example.com';
  for (const [field, most] of Object.entries(LONGEST) as [Field, number][])
    if (fields[field].trim().length > most) errors[field] = `Use at most ${most} characters`;
  return errors;
}

export function addressOf(fields: Fields, needsState: boolean): Address {
  const [street, more] = [fields.street.trim(), fields.more.trim()];
  return {
    name: fields.name.trim(),
    lines: more === '' ? [street] : [street, more],
    city: fields.city.trim(),
    postcode: fields.postcode.trim(),
    country: fields.country,
    ...(needsState ? { state: fields.state } : {}),
  };
}

const POINTERS: readonly (readonly [RegExp, Field])[] = [
  [/^\/email$/, 'email'],
  [/^\/shippingAddress\/name$/, 'name'],
  [/^\/shippingAddress\/lines(\/0)?$/, 'street'],
  [/^\/shippingAddress\/lines\/\d+$/, 'more'],
  [/^\/shippingAddress\/city$/, 'city'],
  [/^\/shippingAddress\/postcode$/, 'postcode'],
  [/^\/(shippingAddress|destination)\/country$/, 'country'],
  [/^\/(shippingAddress|destination)\/state$/, 'state'],
  [/^\/method$/, 'method'],
];

/** The shop's own objections, at the fields that they are about; those that are about none are left out. */
export function fieldErrorsOf(
  violations: readonly { readonly pointer: string; readonly detail: string }[],
): FieldErrors {
  const errors: Partial<Record<Field, string>> = {};
  for (const { pointer, detail } of violations) {
    const field = POINTERS.find(([pattern]) => pattern.test(pointer))?.[1];
    if (field) errors[field] ??= `This ${detail}`;
  }
  return errors;
}
