/** Asks again until `check` holds, at most `withinMs`. Throws when it never does. */
export async function eventually(withinMs: number, check: () => Promise<boolean>): Promise<void> {
  const start = performance.now();
  for (;;) {
    if (await check()) return;
    if (performance.now() - start > withinMs) throw new Error(`did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
