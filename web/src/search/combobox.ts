/**
 * What the search box remembers, as a pure reducer: the keys follow the editable combobox with a listbox popup of the
 * WAI-ARIA Authoring Practices (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Focus never leaves the input;
 * `active` is the option that aria-activedescendant points at, -1 for none.
 */
export interface ComboboxState {
  readonly text: string;
  readonly open: boolean;
  readonly active: number;
}

export type ComboboxAction =
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'pressed'; readonly key: string; readonly alt: boolean; readonly options: number }
  | { readonly type: 'pointed'; readonly option: number }
  | { readonly type: 'answered'; readonly options: number }
  | { readonly type: 'opened' }
  | { readonly type: 'left' }
  | { readonly type: 'shown'; readonly text: string }
  | { readonly type: 'cleared' };

export const CLOSED: ComboboxState = { text: '', open: false, active: -1 };

/** Keys that the search box keeps from the browser in this state; Enter is decided by the caller. */
export function takesKey({ text, open, active }: ComboboxState, key: string): boolean {
  if (key === 'ArrowDown' || key === 'ArrowUp') return true;
  if (key === 'Home' || key === 'End') return open && active >= 0;
  return key === 'Escape' && (open || text !== '');
}

function move({ active }: ComboboxState, key: string, options: number): number {
  if (options === 0) return -1;
  switch (key) {
    case 'ArrowDown':
      return active + 1 < options ? active + 1 : 0;
    case 'ArrowUp':
      return active > 0 ? active - 1 : options - 1;
    case 'Home':
      return 0;
    case 'End':
      return options - 1;
    default:
      return -1;
  }
}

function press(state: ComboboxState, key: string, alt: boolean, options: number): ComboboxState {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowUp':
      if (state.text === '') return state;
      if (alt) return { ...state, open: key === 'ArrowDown', active: -1 };
      return { ...state, open: true, active: move(state, key, options) };
    case 'Home':
    case 'End':
      // Without a highlighted option these keys belong to the caret.
      return takesKey(state, key) ? { ...state, active: move(state, key, options) } : state;
    case 'ArrowLeft':
    case 'ArrowRight':
      return state.active < 0 ? state : { ...state, active: -1 };
    case 'Escape':
      return state.open ? { ...state, open: false, active: -1 } : CLOSED;
    default:
      return state;
  }
}

export function combobox(state: ComboboxState, action: ComboboxAction): ComboboxState {
  switch (action.type) {
    case 'typed':
      return { text: action.text, open: action.text !== '', active: -1 };
    case 'pressed':
      return press(state, action.key, action.alt, action.options);
    case 'pointed':
      return state.active === action.option ? state : { ...state, active: action.option };
    case 'answered':
      return state.active < action.options ? state : { ...state, active: -1 };
    case 'opened':
      return state.open || state.text === '' ? state : { ...state, open: true };
    case 'left':
      return state.open ? { ...state, open: false, active: -1 } : state;
    case 'shown':
      return state.text === action.text ? state : { ...CLOSED, text: action.text };
    case 'cleared':
      return CLOSED;
  }
}
