import { Link } from 'react-router';
import type { OtherWords } from '../api/types';
import { Message } from '../components/Message';
import { resultsAddress } from '../lib/addresses';

const inWords = (total: number): string => `${total.toLocaleString('en-GB')} ${total === 1 ? 'product' : 'products'}`;

/** Why nothing is here, and what would find something. */
export function NoResults({
  text,
  filtered,
  others,
  onUnfilter,
}: {
  readonly text: string;
  readonly filtered: boolean;
  readonly others: readonly OtherWords[];
  readonly onUnfilter: () => void;
}) {
  return (
    <Message>
      <p>
        <strong>
          {text ? (
            <>
              Nothing matches “<span className="break-words">{text}</span>”{filtered && ' with these filters'}.
            </>
          ) : (
            'Nothing is left with these filters.'
          )}
        </strong>{' '}
        {others.length === 0 && !filtered && 'Fewer letters often help, and so does one word instead of three.'}
      </p>
      <Others others={others} intro="This finds something:" />
      {filtered && (
        <button type="button" className="button" onClick={onUnfilter}>
          Take the filters off
        </button>
      )}
      {!filtered && others.length === 0 && (
        <Link to={resultsAddress('')} className="button">
          See all products
        </Link>
      )}
    </Message>
  );
}

/** Other words to search for. */
export function Others({ others, intro }: { readonly others: readonly OtherWords[]; readonly intro: string }) {
  if (others.length === 0) return null;
  return (
    <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
      <span>{intro}</span>
      {others.map(({ q, total }) => (
        <span key={q}>
          <Link to={resultsAddress(q)} className="link font-bold break-words">
            {q}
          </Link>{' '}
          <span className="text-muted">({inWords(total)})</span>
        </span>
      ))}
    </div>
  );
}
