/** One line on a terminal that is rewritten in place, at most ten times a second; nothing where nobody looks. */
export interface ProgressLine {
  show(sentence: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** Writes to standard error: standard output stays clean for the result. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let shownAt = 0;
  return {
    show(sentence) {
      const now = performance.now();
      if (!stream.isTTY || now - shownAt < 100) return;
      shownAt = now;
      stream.write(`\r\x1b[K${sentence.slice(0, (stream.columns || 80) - 1)}`);
    },
    clear() {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}

/** Aborts at the first SIGINT or SIGTERM, so that a command ends in good order; the second one ends it at once. */
export function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}
