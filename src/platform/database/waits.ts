/** Shorter waits are no sign of anything: somebody is always a moment ahead. */
const MOMENT_MS = 5;

/** Who waits for their turn, and whether somebody has had to. */
export class Waits {
  /** When each of them began, the oldest first. */
  readonly #begun = new Set<{ readonly at: number }>();
  #pressedAt = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get count(): number {
    return this.#begun.size;
  }

  /** Begins a wait; what is returned ends it, and does nothing the second time. */
  begin(): () => void {
    const wait = { at: this.now() };
    this.#begun.add(wait);
    return () => {
      if (this.#begun.delete(wait)) this.#note(wait.at);
    };
  }

  /** Whether somebody has waited longer than a moment, now or in the last so many milliseconds. */
  pressed(withinMs: number): boolean {
    const [oldest] = this.#begun;
    if (oldest) this.#note(oldest.at);
    return this.now() - this.#pressedAt <= withinMs;
  }

  #note(begun: number): void {
    const now = this.now();
    if (now - begun >= MOMENT_MS) this.#pressedAt = now;
  }
}
