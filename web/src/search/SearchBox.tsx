import { useEffect, useId, useRef, type FocusEvent, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import type { Suggestion } from '../api/types';
import { CloseIcon, SearchIcon } from '../components/icons';
import { productAddress, resultsAddress } from '../lib/addresses';
import { clicked } from '../tracking/tracker';
import { CategoryFilter } from './CategoryFilter';
import { takesKey } from './combobox';
import { LiveRegion } from './LiveRegion';
import { Popup } from './Popup';
import { useSearch } from './SearchContext';

const LONGEST_QUERY = 200;

/** The search box: an editable combobox whose popup lists products after every keystroke. */
export function SearchBox({ size }: { readonly size: 'hero' | 'header' }) {
  const { state, dispatch, view, category, type, narrow, askAgain } = useSearch();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const { shown, loading } = view;
  const suggestions = shown?.kind === 'answer' ? shown.suggestions : [];
  const listed = state.open && suggestions.length > 0;
  const active = listed && state.active >= 0 ? `${id}-option-${state.active}` : undefined;

  const leaveFor = (address: string): void => {
    dispatch({ type: 'left' });
    // The next page's heading takes the focus, and a phone puts its keyboard away.
    input.current?.blur();
    void navigate(address);
  };
  const follow = (suggestion: Suggestion): void => {
    const place = { slot: 'suggestions', query: shown?.query.text };
    clicked(suggestion.id, place, suggestions.indexOf(suggestion));
  };
  const open = (suggestion: Suggestion): void => {
    follow(suggestion);
    leaveFor(productAddress(suggestion.id));
  };

  useEffect(() => {
    dispatch({ type: 'answered', options: suggestions.length });
  }, [dispatch, suggestions]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    // An input method's Enter and arrows choose characters, not products.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (state.text.trim() === '') return;
      const chosen = listed ? suggestions[state.active] : undefined;
      if (chosen) return open(chosen);
      return leaveFor(resultsAddress(state.text, category));
    }
    if (takesKey(state, event.key)) event.preventDefault();
    if (event.key === 'Escape' && !state.open) type('');
    else dispatch({ type: 'pressed', key: event.key, alt: event.altKey, options: suggestions.length });
  };

  const onBlur = (event: FocusEvent<HTMLFormElement>): void => {
    if (event.currentTarget.contains(event.relatedTarget)) return;
    dispatch({ type: 'left' });
  };

  return (
    <search>
      <form
        className={`search-box search-box-${size}`}
        onSubmit={(event) => event.preventDefault()}
        onBlur={onBlur}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.target === input.current || !state.open) return;
          dispatch({ type: 'left' });
          input.current?.focus();
        }}
      >
        <div className="search-field">
          <div className="relative flex min-w-0 grow items-center">
            <SearchIcon className="pointer-events-none absolute left-4 size-5 text-muted" />
            <label htmlFor={`${id}-input`} className="sr-only">
              Search for products
            </label>
            <input
              ref={input}
              id={`${id}-input`}
              className="search-input"
              type="text"
              inputMode="search"
              enterKeyHint="search"
              role="combobox"
              aria-autocomplete="list"
              aria-haspopup="listbox"
              aria-expanded={listed}
              aria-controls={listed ? `${id}-list` : undefined}
              aria-activedescendant={active}
              autoComplete="off"
              autoCapitalize="off"
              autoCorrect="off"
              spellCheck={false}
              maxLength={LONGEST_QUERY}
              placeholder="Mug, candle, jam jar…"
              value={state.text}
              onChange={(event) => type(event.target.value)}
              onClick={() => dispatch({ type: 'opened' })}
              onKeyDown={onKeyDown}
            />
            {state.text !== '' && (
              <button
                type="button"
                className="search-clear"
                aria-label="Clear the search"
                onClick={() => {
                  type('');
                  input.current?.focus();
                }}
              >
                <CloseIcon className="size-4" />
              </button>
            )}
            <span className="search-progress" data-loading={loading} />
          </div>
          <CategoryFilter value={category} onChange={narrow} />
        </div>
        {state.open && shown && (
          <Popup
            id={id}
            shown={shown}
            active={state.active}
            category={category}
            onPoint={(option) => dispatch({ type: 'pointed', option })}
            onOpen={open}
            onAside={follow}
            onAll={() => leaveFor(resultsAddress(shown.query.text, shown.query.category))}
            onRetry={() => {
              askAgain();
              input.current?.focus();
            }}
            onWiden={() => {
              narrow('');
              input.current?.focus();
            }}
          />
        )}
        <LiveRegion shown={state.open ? shown : undefined} />
      </form>
    </search>
  );
}
