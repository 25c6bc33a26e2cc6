import { v7 } from 'uuid';
import {
  DAY_MS,
  dayOf,
  daysToKeepReady,
  isBot,
  lastDayToDrop,
  normaliseQuery,
  popularityWith,
  timeOf,
} from '../../../src/contexts/tracking/rules';

describe('the rules of tracking', () => {
  test('find the moment in an id, and its day around it', () => {
    const at = Date.UTC(2026, 10, 26, 23, 59, 59, 999);
    const id = v7({ msecs: at });
    expect(timeOf(id)).toBe(at);
    const day = dayOf(at);
    expect(day.name).toBe('20261126');
    expect([id >= day.from, id < day.to, v7({ msecs: at + 1 }) >= day.to]).toEqual([true, true, true]);
    expect(dayOf(at + 1).from).toBe(day.to);
  });

  test('keep days ready from two days ago to three days ahead, and drop none of them', () => {
    const now = Date.UTC(2026, 2, 1, 0, 0, 0);
    const names = daysToKeepReady(now).map(({ name }) => name);
    expect(names).toEqual(['20260227', '20260228', '20260301', '20260302', '20260303', '20260304']);
    expect(lastDayToDrop(now, 3)).toBe('20260225');
    expect(lastDayToDrop(now + DAY_MS, 3)).toBe('20260226');
  });

  test('write a query alike however it was typed, and cap it', () => {
    expect(normaliseQuery('  ＲＥＤ\tMug\u200b\n ')).toBe('red mug');
    expect(normaliseQuery('4006381333931 stabilo')).toBe('stabilo');
    expect(normaliseQuery('size 10 x 20 x 30')).toBe('size 10 x 20 x 30');
    expect(normaliseQuery('(020) 7946-0958 mug')).toBe('( mug');
    expect([...normaliseQuery('é'.repeat(300))]).toHaveLength(100);
    expect([...normaliseQuery('😀'.repeat(300))]).toHaveLength(100);
  });

  test('know programs by what they say they are, and browsers from them', () => {
    const programs = [
      'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
      'facebookexternalhit/1.1',
    ];
    const people = [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0',
      'Mozilla/5.0 (Linux; Android 14; CUBOT X30) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36',
      'node',
      undefined,
    ];
    expect(programs.map(isBot)).toEqual([true, true, true]);
    expect(people.map(isBot)).toEqual([false, false, false, false]);
  });

  test("add demand to the merchant's popularity, whichever of the two changes", () => {
    const first = popularityWith(5, 100, undefined);
    expect(first).toEqual({ base: 100, shown: 105 });
    expect(popularityWith(2.5, 105, first)).toEqual({ base: 100, shown: 102.5 });
    expect(popularityWith(2.5, 40, first)).toEqual({ base: 40, shown: 42.5 });
    expect(popularityWith(0, 105, first)).toEqual({ base: 100, shown: 100 });
  });
});
