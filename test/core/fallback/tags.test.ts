import { Tags } from '../../../src/core/fallback/cache/tags';

describe('the tags of a cache', () => {
  test('are forgotten with the last entry that carries them, invalidated or not', () => {
    const tags = new Tags();
    const first = tags.take('red\0mug\0');
    tags.take('red\0red\0');
    tags.invalidate('red');
    expect(tags.invalid('red\0', first)).toBe(true);
    expect(tags.invalid('mug\0', first)).toBe(false);
    expect(tags.size).toBe(2);
    tags.release('red\0mug\0');
    expect(tags.size).toBe(1);
    tags.release('red\0red\0');
    tags.invalidate('never carried');
    expect(tags.size).toBe(0);
  });

  test('what is tagged after an invalidation lives', () => {
    const tags = new Tags();
    const before = tags.take('red\0');
    tags.invalidate('red');
    const after = tags.take('red\0');
    expect([tags.invalid('red\0', before), tags.invalid('red\0', after)]).toEqual([true, false]);
  });
});
