import { CLOSED, combobox, takesKey, type ComboboxState } from '../../web/src/search/combobox';

const press = (state: ComboboxState, key: string, options = 3, alt = false): ComboboxState =>
  combobox(state, { type: 'pressed', key, alt, options });
const open: ComboboxState = { text: 'red', open: true, active: -1 };

describe('the combobox', () => {
  test('typing opens the popup without a highlighted option, and deleting everything closes it', () => {
    expect(combobox(CLOSED, { type: 'typed', text: 'r' })).toEqual({ text: 'r', open: true, active: -1 });
    expect(combobox({ ...open, active: 2 }, { type: 'typed', text: 'red ' }).active).toBe(-1);
    expect(combobox(open, { type: 'typed', text: '' })).toEqual(CLOSED);
  });

  test('the down arrow walks through the options and round', () => {
    const walk = ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown'];
    let state = open;
    const visited = walk.map((key) => (state = press(state, key)).active);
    expect(visited).toEqual([0, 1, 2, 0]);
  });

  test('the up arrow starts at the last option', () => {
    expect(press(open, 'ArrowUp').active).toBe(2);
    expect(press({ ...open, active: 0 }, 'ArrowUp').active).toBe(2);
  });

  test('arrows open a closed popup, but not an empty box', () => {
    expect(press({ ...open, open: false }, 'ArrowDown')).toEqual({ text: 'red', open: true, active: 0 });
    expect(press(CLOSED, 'ArrowDown')).toEqual(CLOSED);
  });

  test('Alt with an arrow opens and closes without moving', () => {
    expect(press({ ...open, open: false }, 'ArrowDown', 3, true)).toEqual(open);
    expect(press({ ...open, active: 1 }, 'ArrowUp', 3, true)).toEqual({ text: 'red', open: false, active: -1 });
  });

  test('Home and End move among the options only while one is highlighted', () => {
    expect(press({ ...open, active: 1 }, 'Home').active).toBe(0);
    expect(press({ ...open, active: 1 }, 'End').active).toBe(2);
    expect(press(open, 'Home')).toBe(open);
    expect(takesKey(open, 'Home')).toBe(false);
    expect(takesKey({ ...open, active: 0 }, 'Home')).toBe(true);
  });

  test('moving the caret gives the options up', () => {
    expect(press({ ...open, active: 1 }, 'ArrowLeft').active).toBe(-1);
  });

  test('Escape closes first and clears second', () => {
    const closed = press({ ...open, active: 1 }, 'Escape');
    expect(closed).toEqual({ text: 'red', open: false, active: -1 });
    expect(press(closed, 'Escape')).toEqual(CLOSED);
    expect(takesKey(CLOSED, 'Escape')).toBe(false);
  });

  test('an answer with fewer options takes back a highlight that is gone', () => {
    expect(combobox({ ...open, active: 2 }, { type: 'answered', options: 2 }).active).toBe(-1);
    expect(combobox({ ...open, active: 1 }, { type: 'answered', options: 2 }).active).toBe(1);
  });

  test('no options: arrows highlight nothing', () => {
    expect(press(open, 'ArrowDown', 0).active).toBe(-1);
  });

  test('a text that a page is about stands in the closed box, and one that is there already changes nothing', () => {
    expect(combobox({ ...open, active: 1 }, { type: 'shown', text: 'mug' })).toEqual({
      text: 'mug',
      open: false,
      active: -1,
    });
    expect(combobox(open, { type: 'shown', text: 'red' })).toBe(open);
  });

  test('leaving closes and keeps the text', () => {
    expect(combobox({ ...open, active: 1 }, { type: 'left' })).toEqual({ text: 'red', open: false, active: -1 });
  });
});
