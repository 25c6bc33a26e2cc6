import fc from 'fast-check';
import { decodeCursor, encodeCursor, readCursor, toPage, wrongCursor } from '../../src/kernel/pages';

describe('pages', () => {
  test('a cursor reads back as the key it was made of', () => {
    const part = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (key) => {
        expect(decodeCursor(encodeCursor(key), key.length)).toEqual(JSON.parse(JSON.stringify(key)));
      }),
      { seed: 1 },
    );
  });

  test.each(['', 'nonsense', encodeCursor(['one']), Buffer.from('{"a":1}').toString('base64url')])(
    'the made-up cursor "%s" is refused',
    (cursor) => expect(decodeCursor(cursor, 2)).toBeUndefined(),
  );

  test('the key of one text is read back, none is none, and the cursor of another list is named as the fault', () => {
    expect(readCursor(encodeCursor(['ord_1']))).toBe('ord_1');
    expect(readCursor(undefined)).toBeUndefined();
    const refusal = { code: 'validation-failed', violations: [{ pointer: '/after', code: 'wrong-cursor' }] };
    for (const cursor of ['nonsense', encodeCursor([1]), encodeCursor(['ord_1', 2])])
      expect(() => readCursor(cursor)).toThrow(expect.objectContaining({ code: refusal.code }));
    expect(wrongCursor()).toMatchObject(refusal);
  });

  test('the extra row only says that there is more', () => {
    const key = (n: number): readonly number[] => [n];
    expect(toPage([1, 2, 3], 2, key)).toEqual({ data: [1, 2], page: { next: encodeCursor([2]), hasMore: true } });
    expect(toPage([1, 2], 2, key)).toEqual({ data: [1, 2], page: { next: null, hasMore: false } });
    expect(toPage([], 2, key)).toEqual({ data: [], page: { next: null, hasMore: false } });
  });
});
