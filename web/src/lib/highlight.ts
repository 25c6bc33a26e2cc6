import type { TextRange } from '../api/types';

export interface TextPart {
  readonly text: string;
  readonly marked: boolean;
}

/**
 * Splits a text at its highlight ranges (UTF-16 units, half-open). Ranges that overlap, touch, stand out of order or
 * reach past the text are merged and cut, so that the parts always join to exactly the text.
 */
export function splitHighlights(text: string, ranges: readonly TextRange[]): TextPart[] {
  const parts: TextPart[] = [];
  const push = (start: number, end: number, marked: boolean): void => {
    if (end <= start) return;
    const last = parts.at(-1);
    const piece = text.slice(start, end);
    if (last?.marked === marked) parts[parts.length - 1] = { text: last.text + piece, marked };
    else parts.push({ text: piece, marked });
  };
  let position = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const start = Math.min(Math.max(from, position), text.length);
    const end = Math.min(Math.max(to, start), text.length);
    if (end === start) continue;
    push(position, start, false);
    push(start, end, true);
    position = end;
  }
  push(position, text.length, false);
  return parts;
}
