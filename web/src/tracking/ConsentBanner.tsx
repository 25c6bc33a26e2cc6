import { useEffect, useRef, useState } from 'react';
import { consent, useConsent, type Choice } from './consent';

const SAID: Readonly<Record<Choice, string>> = {
  granted: 'The shop remembers what you look at.',
  refused: 'The shop does not remember what you look at.',
};

interface ConsentBannerProps {
  /** Asked for in the footer, though the shopper has chosen before. */
  readonly reopened: boolean;
  readonly onClose: () => void;
}

/** Asks whether what is done here may be remembered. It stands above the page, not over it: nothing is hidden by not answering. */
export function ConsentBanner({ reopened, onClose }: ConsentBannerProps) {
  const choice = useConsent();
  const question = useRef<HTMLParagraphElement>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (reopened) question.current?.focus();
  }, [reopened]);
  const choose = (chosen: Choice): void => {
    consent.choose(chosen);
    setSaid(SAID[chosen]);
    onClose();
    // The pressed button is gone: reading goes on where the page begins.
    document.querySelector('main')?.focus();
  };
  return (
    <>
      <p role="status" className="sr-only">
        {said}
      </p>
      {(choice === undefined || reopened) && (
        <section aria-labelledby="consent-question" className="consent">
          <div className="column consent-inner">
            <div className="consent-words">
              <p ref={question} id="consent-question" tabIndex={-1} className="font-bold outline-none">
                May the shop remember what you look at?
              </p>
              <p className="mt-1 text-sm">
                What you see, search for and buy then helps to show what fits. It is kept under a random number, without
                your name. Everything works without it.
                {choice !== undefined && ` So far: ${choice === 'granted' ? 'accepted' : 'refused'}.`}
              </p>
            </div>
            <div className="consent-answers">
              <button type="button" className="button" onClick={() => choose('granted')}>
                Accept
              </button>
              <button type="button" className="button" onClick={() => choose('refused')}>
                Refuse
              </button>
            </div>
          </div>
        </section>
      )}
    </>
  );
}
