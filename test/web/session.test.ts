import type { SuggestionQuery } from '../../web/src/api/client';
import type { Suggestion } from '../../web/src/api/types';
import { SuggestionSession } from '../../web/src/search/session';

const product = (text: string): Suggestion => ({
  id: text,
  sku: text,
  text,
  highlights: [],
  brand: null,
  category: null,
  price: { amount: 1, currency: 'GBP' },
  image: '',
  inStock: true,
});
const query = (text: string, category = ''): SuggestionQuery => ({ text, category });

/** A shop whose answers come when the test says so, and that answers even what was aborted: the worst case. */
function slowShop() {
  const asked: { query: SuggestionQuery; signal: AbortSignal; answer(): void; fail(): void }[] = [];
  let now = 0;
  const session = new SuggestionSession(
    (question, signal) =>
      new Promise((resolve, reject) => {
        asked.push({
          query: question,
          signal,
          answer: () => resolve([product(`${question.text}!`)]),
          fail: () => reject(new Error('away')),
        });
      }),
    () => now,
  );
  const shownText = (): string | undefined => {
    const { shown } = session.view();
    return shown?.kind === 'answer' ? shown.suggestions[0]?.text : shown?.kind;
  };
  return { session, asked, shownText, pass: (milliseconds: number) => (now += milliseconds) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a suggestion session', () => {
  test('an answer that comes late never replaces a newer one', async () => {
    const { session, asked, shownText } = slowShop();
    session.ask(query('r'));
    session.ask(query('re'));
    asked[1]!.answer();
    await settle();
    asked[0]!.answer();
    await settle();
    expect(shownText()).toBe('re!');
  });

  test('an earlier answer does not show while a newer question waits, and a late failure is nobody’s', async () => {
    const { session, asked, shownText } = slowShop();
    session.ask(query('r'));
    session.ask(query('re'));
    asked[0]!.fail();
    await settle();
    expect(shownText()).toBeUndefined();
    expect(session.view().loading).toBe(true);
  });

  test('the earlier request is aborted', () => {
    const { session, asked } = slowShop();
    session.ask(query('r'));
    session.ask(query('re'));
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  test('the previous answer stays until the next one is there', async () => {
    const { session, asked, shownText } = slowShop();
    session.ask(query('r'));
    asked[0]!.answer();
    await settle();
    session.ask(query('re'));
    expect([shownText(), session.view().loading]).toEqual(['r!', true]);
    asked[1]!.fail();
    await settle();
    expect([shownText(), session.view().loading]).toEqual(['failure', false]);
  });

  test('a blank question empties the view, also against an answer on its way', async () => {
    const { session, asked, shownText } = slowShop();
    session.ask(query('r'));
    session.ask(query('  '));
    asked[0]!.answer();
    await settle();
    expect([shownText(), session.view().loading]).toEqual([undefined, false]);
    expect(asked).toHaveLength(1);
  });

  test('an answer is kept for half a minute, per category', async () => {
    const { session, asked, shownText, pass } = slowShop();
    session.ask(query('r'));
    asked[0]!.answer();
    await settle();
    session.ask(query(''));
    session.ask(query('r'));
    expect([shownText(), session.view().loading, asked.length]).toEqual(['r!', false, 1]);
    session.ask(query('r', 'kitchen'));
    expect(asked).toHaveLength(2);
    pass(31_000);
    session.ask(query('r'));
    expect(asked).toHaveLength(3);
  });

  test('a failure is not kept: asking again asks the shop', async () => {
    const { session, asked, shownText } = slowShop();
    session.ask(query('r'));
    asked[0]!.fail();
    await settle();
    session.ask(query('r'));
    asked[1]!.answer();
    await settle();
    expect(shownText()).toBe('r!');
  });

  test('listeners hear of every change until they leave', () => {
    const { session } = slowShop();
    const listener = jest.fn();
    const leave = session.subscribe(listener);
    session.ask(query('r'));
    expect(listener).toHaveBeenCalledTimes(1);
    leave();
    session.ask(query('re'));
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
