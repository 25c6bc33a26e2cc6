/**
 * What this browser remembers for us, as JSON. Where it may not (storage that is blocked or full), it is remembered until the page
 * is left: a basket still works, and is gone with the window.
 */
export class BrowserStore<T> {
  #held: { readonly value: T | undefined } | undefined;

  constructor(
    private readonly name: string,
    private readonly isValid: (value: unknown) => value is T,
  ) {}

  read(): T | undefined {
    if (this.#held) return this.#held.value;
    try {
      const value: unknown = JSON.parse(localStorage.getItem(this.name) ?? 'null');
      return this.isValid(value) ? value : undefined;
    } catch {
      return undefined; // blocked, or written by somebody else: as good as nothing
    }
  }

  write(value: T | undefined): void {
    this.#held = undefined;
    try {
      if (value === undefined) localStorage.removeItem(this.name);
      else localStorage.setItem(this.name, JSON.stringify(value));
    } catch {
      this.#held = { value };
    }
  }

  /** Calls `listener` when another window of the shop has written. Returns what ends that. */
  onChange(listener: () => void): () => void {
    const hear = ({ key }: StorageEvent): void => {
      if (key === null || key === this.name) listener();
    };
    window.addEventListener('storage', hear);
    return () => window.removeEventListener('storage', hear);
  }
}
