import type { SuggestionQuery } from '../api/client';
import type { Suggestion } from '../api/types';

/** What the popup shows: the latest answer, or that none came. It stays until the next one replaces it. */
export type Shown =
  | { readonly kind: 'answer'; readonly query: SuggestionQuery; readonly suggestions: readonly Suggestion[] }
  | { readonly kind: 'failure'; readonly query: SuggestionQuery };

export interface SessionView {
  readonly shown: Shown | undefined;
  /** Whether what is shown is older than the question. */
  readonly loading: boolean;
}

export type Ask = (query: SuggestionQuery, signal: AbortSignal) => Promise<readonly Suggestion[]>;

interface Kept {
  readonly suggestions: readonly Suggestion[];
  readonly at: number;
}

const EMPTY: SessionView = { shown: undefined, loading: false };
const KEPT_ANSWERS = 200;
const KEPT_MILLISECONDS = 30_000;

/**
 * Asks for suggestions after every keystroke, without debounce. Two things keep an old answer from replacing a newer
 * one: the earlier request is aborted, and an answer whose sequence number is not the latest is dropped, because an
 * abort can come too late. Answers are kept for half a minute, so that deleting a letter shows at once.
 */
export class SuggestionSession {
  #view: SessionView = EMPTY;
  #sequence = 0;
  #running: AbortController | undefined;
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly fetchSuggestions: Ask,
    private readonly now: () => number = Date.now,
  ) {}

  readonly view = (): SessionView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Makes `query` the current question; a blank one empties the view. */
  ask(query: SuggestionQuery): void {
    const sequence = ++this.#sequence;
    this.#running?.abort();
    this.#running = undefined;
    if (query.text.trim() === '') return this.#show(EMPTY);
    const kept = this.#recall(query);
    if (kept) return this.#show({ shown: { kind: 'answer', query, suggestions: kept }, loading: false });
    const controller = new AbortController();
    this.#running = controller;
    this.#show({ shown: this.#view.shown, loading: true });
    this.fetchSuggestions(query, controller.signal).then(
      (suggestions) => {
        if (sequence !== this.#sequence) return;
        this.#keep(query, suggestions);
        this.#show({ shown: { kind: 'answer', query, suggestions }, loading: false });
      },
      () => {
        if (sequence !== this.#sequence) return;
        this.#show({ shown: { kind: 'failure', query }, loading: false });
      },
    );
  }

  #show(view: SessionView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }

  #key({ text, category }: SuggestionQuery): string {
    return `${category}\n${text}`;
  }

  #recall(query: SuggestionQuery): readonly Suggestion[] | undefined {
    const kept = this.#kept.get(this.#key(query));
    return kept && this.now() - kept.at < KEPT_MILLISECONDS ? kept.suggestions : undefined;
  }

  #keep(query: SuggestionQuery, suggestions: readonly Suggestion[]): void {
    const key = this.#key(query);
    this.#kept.delete(key);
    this.#kept.set(key, { suggestions, at: this.now() });
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT_ANSWERS && !oldest.done) this.#kept.delete(oldest.value);
  }
}
