import {
  createContext,
  useContext,
  useMemo,
  useReducer,
  useState,
  useSyncExternalStore,
  type Dispatch,
  type ReactNode,
} from 'react';
import { fetchSuggestions } from '../api/client';
import { CLOSED, combobox, type ComboboxAction, type ComboboxState } from './combobox';
import { SuggestionSession, type SessionView } from './session';

/** The search outlives its box: what was typed on the start page is still there above the product that it led to. */
interface Search {
  readonly state: ComboboxState;
  readonly dispatch: Dispatch<ComboboxAction>;
  readonly view: SessionView;
  readonly category: string;
  type(text: string): void;
  narrow(category: string): void;
  askAgain(): void;
  /** Puts a text into the box that was not typed there: what a page of results is about. */
  show(text: string, category: string): void;
}

const SearchContext = createContext<Search | undefined>(undefined);

export function SearchProvider({ children }: { readonly children: ReactNode }) {
  const [session] = useState(() => new SuggestionSession(fetchSuggestions));
  const [state, dispatch] = useReducer(combobox, CLOSED);
  const [category, setCategory] = useState('');
  const view = useSyncExternalStore(session.subscribe, session.view);
  const { text } = state;
  const search = useMemo<Search>(
    () => ({
      state,
      dispatch,
      view,
      category,
      type(typed) {
        dispatch({ type: 'typed', text: typed });
        session.ask({ text: typed, category });
      },
      narrow(chosen) {
        setCategory(chosen);
        session.ask({ text, category: chosen });
        dispatch({ type: 'typed', text });
      },
      askAgain() {
        session.ask({ text, category });
      },
      show(given, chosen) {
        if (given !== text) dispatch({ type: 'shown', text: given });
        if (chosen !== category) setCategory(chosen);
        if (given !== text || chosen !== category) session.ask({ text: given, category: chosen });
      },
    }),
    [state, view, category, session, text],
  );
  return <SearchContext value={search}>{children}</SearchContext>;
}

export function useSearch(): Search {
  const search = useContext(SearchContext);
  if (!search) throw new Error('useSearch needs a SearchProvider above it');
  return search;
}
