import { BrowserStore } from '../lib/browser-store';
import { consent } from './consent';
import { newVisitorId } from './uuid';

const isVisitorId = (value: unknown): value is string => typeof value === 'string' && value.startsWith('vis_');
const store = new BrowserStore<string>('easy11.visitor', isVisitorId);

/** The random number under which this browser is known, made when the shopper has agreed; undefined before and without that. */
export function visitorId(): string | undefined {
  if (consent.read() !== 'granted') return undefined;
  const known = store.read();
  if (known !== undefined) return known;
  store.write(newVisitorId());
  return store.read();
}

export const forgetVisitor = (): void => store.write(undefined);
