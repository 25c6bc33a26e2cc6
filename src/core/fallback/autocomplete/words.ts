/** Longest word, in code points. */
const LONGEST = 64;

/** Whether a UTF-16 unit is a-z or 0-9. */
export function isPlainWordUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57);
}

function plainWords(text: string, words: string[]): void {
  const lower = text.toLowerCase();
  const length = lower.length;
  for (let i = 0; i < length;) {
    if (!isPlainWordUnit(lower.charCodeAt(i))) {
      i++;
      continue;
    }
    const from = i;
    while (i < length && isPlainWordUnit(lower.charCodeAt(i))) i++;
    words.push(lower.slice(from, Math.min(i, from + LONGEST)));
  }
}

function spacedWords(joined: string, words: string[]): void {
  for (const word of joined.split(' ')) if (word !== '') words.push(word);
}

/**
 * Puts the words a text is found by into `words` (emptied first): those of its start in order, then the extra ones.
 * Returns how many are of the start. `analysis` is what engine.ts says.
 */
export function collectWords(text: string, analysis: string | null, words: string[]): number {
  words.length = 0;
  if (analysis === null) {
    plainWords(text, words);
    return words.length;
  }
  const end = analysis.indexOf('\u0001');
  spacedWords(end < 0 ? analysis : analysis.slice(0, end), words);
  const count = words.length;
  if (end >= 0) spacedWords(analysis.slice(end + 1), words);
  return count;
}
