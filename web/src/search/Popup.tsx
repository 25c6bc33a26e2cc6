import { useEffect, useRef } from 'react';
import { useCategories } from '../api/queries';
import type { Suggestion } from '../api/types';
import { resultsAddress } from '../lib/addresses';
import type { Shown } from './session';
import { SuggestionOption } from './SuggestionOption';

interface PopupProps {
  readonly id: string;
  readonly shown: Shown;
  readonly active: number;
  readonly category: string;
  readonly onPoint: (option: number) => void;
  readonly onOpen: (suggestion: Suggestion) => void;
  /** It is opened in another tab. */
  readonly onAside: (suggestion: Suggestion) => void;
  /** Goes to the page of all results. */
  readonly onAll: () => void;
  readonly onRetry: () => void;
  readonly onWiden: () => void;
}

/** What hangs under the search box: the products, or in words why there are none. */
export function Popup(props: PopupProps) {
  const { shown } = props;
  return (
    // The press of a mouse or finger must not take the focus out of the input; a click still counts.
    <div className="popup" onMouseDown={(event) => event.preventDefault()}>
      {shown.kind === 'failure' && <Failure onRetry={props.onRetry} />}
      {shown.kind === 'answer' && shown.suggestions.length === 0 && (
        <Nothing text={shown.query.text} category={shown.query.category} onWiden={props.onWiden} />
      )}
      {shown.kind === 'answer' && shown.suggestions.length > 0 && (
        <Products {...props} suggestions={shown.suggestions} />
      )}
    </div>
  );
}

function Products({
  id,
  suggestions,
  active,
  onPoint,
  onOpen,
  onAside,
  onAll,
  shown,
}: PopupProps & { readonly suggestions: readonly Suggestion[] }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <>
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label="Products" className="popup-list">
        {suggestions.map((suggestion, index) => (
          <SuggestionOption
            key={suggestion.id}
            id={`${id}-option-${index}`}
            suggestion={suggestion}
            active={index === active}
            onPoint={() => onPoint(index)}
            onOpen={() => onOpen(suggestion)}
            onAside={() => onAside(suggestion)}
          />
        ))}
      </ul>
      <a
        href={resultsAddress(shown.query.text, shown.query.category)}
        className="popup-all"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onAll();
        }}
      >
        All results for “<span className="break-words">{shown.query.text.trim()}</span>”
      </a>
      <p aria-hidden="true" className="popup-keys">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> {active < 0 ? 'all results' : 'open'}
        </span>
        <span>
          <kbd>Esc</kbd> close
        </span>
      </p>
    </>
  );
}

function Nothing({
  text,
  category,
  onWiden,
}: {
  readonly text: string;
  readonly category: string;
  readonly onWiden: () => void;
}) {
  const { data } = useCategories();
  const name = data?.find(({ path }) => path === category)?.name;
  return (
    <div className="popup-message">
      <p className="font-bold">
        Nothing {name ? `in ${name} ` : ''}matches “<span className="break-words">{text.trim()}</span>”.
      </p>
      <p className="text-muted">Fewer letters often help, and so does one word instead of three.</p>
      {category && (
        <button type="button" className="button" onClick={onWiden}>
          Search the whole shop
        </button>
      )}
    </div>
  );
}

function Failure({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <div className="popup-message">
      <p className="font-bold">The shop does not answer right now.</p>
      <p className="text-muted">What you typed is kept. Check your connection, or try again in a moment.</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
