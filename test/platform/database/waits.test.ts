import { Waits } from '../../../src/platform/database/waits';

let now = 0;
let waits: Waits;
beforeEach(() => {
  now = 1_000;
  waits = new Waits(() => now);
});

test('nobody who is served in a moment presses', () => {
  const ends = [waits.begin(), waits.begin()];
  expect(waits.count).toBe(2);
  now += 4;
  expect(waits.pressed(50)).toBe(false);
  for (const end of ends) end();
  expect([waits.count, waits.pressed(50)]).toEqual([0, false]);
});

test('who waits longer presses, and for a while after', () => {
  const end = waits.begin();
  now += 5;
  expect(waits.pressed(50)).toBe(true);
  end();
  end();
  expect(waits.count).toBe(0);
  now += 50;
  expect(waits.pressed(50)).toBe(true);
  now += 1;
  expect(waits.pressed(50)).toBe(false);
});

test('one that has waited and is served between two looks is not missed', () => {
  const end = waits.begin();
  now += 30;
  end();
  now += 10;
  expect(waits.pressed(50)).toBe(true);
});
