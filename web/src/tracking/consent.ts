import { useSyncExternalStore } from 'react';
import { BrowserStore } from '../lib/browser-store';

export type Choice = 'granted' | 'refused';

/** What a browser says for its user on every page. */
interface Signals {
  /** Global Privacy Control (https://w3c.github.io/gpc/). */
  readonly globalPrivacyControl?: boolean;
  /** "1": Do Not Track, which is out of use and still a clear word. */
  readonly doNotTrack?: string | null;
}

/**
 * What holds: what the shopper chose here, or else what the browser says for everybody. Undefined where nobody has said anything:
 * then the shopper is asked, and nothing is told meanwhile.
 */
export function choiceOf(chosen: Choice | undefined, signals: Signals): Choice | undefined {
  if (chosen !== undefined) return chosen;
  return signals.globalPrivacyControl === true || signals.doNotTrack === '1' ? 'refused' : undefined;
}

const isChoice = (value: unknown): value is Choice => value === 'granted' || value === 'refused';
const store = new BrowserStore<Choice>('easy11.consent', isChoice);
const listeners = new Set<() => void>();

/** Whether this browser's shopper agrees to what is done here being remembered. */
export const consent = {
  /** Read anew each time: another window may have changed it. */
  read: (): Choice | undefined => choiceOf(store.read(), navigator as Signals),
  choose(choice: Choice): void {
    store.write(choice);
    for (const listener of listeners) listener();
  },
  /** Calls `listener` after each change, in this window or another. Returns what ends that. */
  subscribe(listener: () => void): () => void {
    const end = store.onChange(listener);
    listeners.add(listener);
    return () => {
      end();
      listeners.delete(listener);
    };
  },
};

export const useConsent = (): Choice | undefined => useSyncExternalStore(consent.subscribe, consent.read);
