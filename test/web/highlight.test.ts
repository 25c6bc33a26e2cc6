import fc from 'fast-check';
import { splitHighlights } from '../../web/src/lib/highlight';

describe('splitting a text at its highlights', () => {
  test('marks what the ranges cover and keeps the rest', () => {
    expect(
      splitHighlights('Red Retrospot Mug', [
        [0, 3],
        [4, 6],
      ]),
    ).toEqual([
      { text: 'Red', marked: true },
      { text: ' ', marked: false },
      { text: 'Re', marked: true },
      { text: 'trospot Mug', marked: false },
    ]);
  });

  test('a text without highlights is one plain part, and an empty one is none', () => {
    expect(splitHighlights('Mug', [])).toEqual([{ text: 'Mug', marked: false }]);
    expect(splitHighlights('', [[0, 2]])).toEqual([]);
  });

  test('ranges that touch or overlap become one mark', () => {
    expect(
      splitHighlights('teapot', [
        [2, 4],
        [0, 2],
        [1, 3],
      ]),
    ).toEqual([
      { text: 'teap', marked: true },
      { text: 'ot', marked: false },
    ]);
  });

  test('whatever the ranges are, the parts join to the text, none is empty, and marked ones alternate with plain ones', () => {
    const range = fc.tuple(fc.integer({ min: -3, max: 30 }), fc.integer({ min: -3, max: 30 }));
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(range, { maxLength: 6 }), (text, ranges) => {
        const parts = splitHighlights(text, ranges);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        expect(parts.every((part) => part.text !== '')).toBe(true);
        expect(parts.every((part, index) => index === 0 || part.marked !== parts[index - 1]?.marked)).toBe(true);
        const marked = new Set(parts.flatMap((part) => (part.marked ? [part.text.length] : [])));
        if (ranges.every(([from, to]) => to <= Math.max(from, 0))) expect(marked.size).toBe(0);
      }),
      { seed: 1 },
    );
  });
});
