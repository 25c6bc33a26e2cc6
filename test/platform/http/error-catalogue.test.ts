import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CATALOGUE } from '../../../src/kernel/errors';

const directory = path.resolve(__dirname, '../../../docs/errors');

describe('the error catalogue', () => {
  test.each(Object.entries(ERROR_CATALOGUE))(
    '%s has a page that states its status and title',
    (code, { status, title }) => {
      const file = path.join(directory, `${code}.md`);
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, 'utf8')).toContain(`**${status}: ${title}.**`);
    },
  );

  test('no page describes a code that does not exist', () => {
    const pages = readdirSync(directory).map((name) => name.replace(/\.md$/, ''));
    expect(pages.filter((code) => !Object.hasOwn(ERROR_CATALOGUE, code))).toEqual([]);
  });
});
