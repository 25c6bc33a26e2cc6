import { useEffect, useRef, useState } from 'react';
import { Message } from '../components/Message';
import { explain } from '../lib/explain';

interface UnansweredProps {
  /** Sends the order once more; rejects when there is still no answer. */
  readonly onAsk: () => Promise<void>;
}

/** An order was sent and no answer has come: asks for it by sending it again, at once and then as often as somebody wants. */
export function Unanswered({ onAsk }: UnansweredProps) {
  const [asking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const ask = async (): Promise<void> => {
    setAsking(true);
    setTrouble(undefined);
    try {
      await onAsk();
    } catch (error) {
      setTrouble(explain(error));
    } finally {
      setAsking(false);
    }
  };
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Who pressed the button of the form that this replaces goes on from here.
    if (document.activeElement?.closest('[hidden]')) button.current?.focus();
    void ask();
  }, []);
  return (
    <Message>
      <p>
        <strong>Your order was sent, and no answer has come yet.</strong> Asking again sends the same order: it is never
        placed twice.
      </p>
      <p role="status">{asking && 'Asking what became of it…'}</p>
      {trouble !== undefined && (
        <p role="alert" className="font-semibold text-alert">
          Nothing is known yet: {trouble}
        </p>
      )}
      <button
        ref={button}
        type="button"
        className="button"
        aria-disabled={asking}
        onClick={() => {
          if (!asking) void ask();
        }}
      >
        Ask again
      </button>
    </Message>
  );
}
