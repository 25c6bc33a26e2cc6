import { memo, type MouseEvent } from 'react';
import type { Suggestion } from '../api/types';
import { Picture } from '../components/Picture';
import { productAddress } from '../lib/addresses';
import { splitHighlights } from '../lib/highlight';
import { formatPrice } from '../lib/price';

interface SuggestionOptionProps {
  readonly id: string;
  readonly suggestion: Suggestion;
  readonly active: boolean;
  readonly onPoint: () => void;
  readonly onOpen: () => void;
  readonly onAside: () => void;
}

/** One product in the popup. An option may not contain a link, so the click with a modifier is ours to honour. */
export const SuggestionOption = memo(function SuggestionOption({
  id,
  suggestion,
  active,
  onPoint,
  onOpen,
  onAside,
}: SuggestionOptionProps) {
  const { text, highlights, brand, category, price, image, inStock } = suggestion;
  const follow = (event: MouseEvent): void => {
    if (event.button === 1 || event.metaKey || event.ctrlKey) {
      onAside();
      window.open(productAddress(suggestion.id), '_blank', 'noopener');
    } else if (event.button === 0) onOpen();
  };
  return (
    <li
      id={id}
      role="option"
      aria-selected={active}
      className="suggestion"
      onMouseMove={onPoint}
      onClick={follow}
      onAuxClick={follow}
    >
      <Picture source={image} className="size-12 shrink-0" />
      <span className="min-w-0 grow">
        <span className="suggestion-name line-clamp-3 break-words leading-snug">
          {splitHighlights(text, highlights).map((part, index) =>
            part.marked ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>,
          )}
        </span>
        <span className="mt-0.5 flex flex-wrap gap-x-2 text-sm text-muted">
          {/* The brand is searched too: without it, a product found by its brand would look like a mistake. */}
          <span className="max-w-full truncate">{[brand, category?.name].filter(Boolean).join(' · ')}</span>
          {!inStock && <span className="font-semibold text-alert">Out of stock</span>}
        </span>
      </span>
      <span className="shrink-0 font-bold tabular-nums">{formatPrice(price)}</span>
    </li>
  );
});
