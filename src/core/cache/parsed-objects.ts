/** Objects that this thread has parsed, by key, with the version of the bytes they were parsed from. The newest `limit`. */
export class ParsedObjects {
  readonly #objects = new Map<string, { readonly version: number; readonly value: unknown }>();

  constructor(private readonly limit: number) {}

  /** 0 for none. */
  versionOf(key: string): number {
    return this.#objects.get(key)?.version ?? 0;
  }

  get(key: string): unknown {
    return this.#objects.get(key)?.value;
  }

  keep(key: string, version: number, value: unknown): void {
    this.#objects.delete(key);
    this.#objects.set(key, { version, value });
    if (this.#objects.size <= this.limit) return;
    const [oldest] = this.#objects.keys();
    this.#objects.delete(oldest as string);
  }

  clear(): void {
    this.#objects.clear();
  }
}
