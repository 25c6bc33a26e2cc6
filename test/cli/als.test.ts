import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detectFormat, LineReader, type LineFormat } from '../../src/cli/als/lines';
import type { Interaction } from '../../src/core';
import { makeInteractions } from '../support/interactions';

const root = path.resolve(__dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'easy11-als-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string, lines: readonly string[]): string => {
  const file = path.join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
};
const times = (count: number, line: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => line(i));
const readAll = async (format: LineFormat, lines: readonly string[]): Promise<[Interaction[], LineReader]> => {
  const reader = new LineReader(format);
  const found: Interaction[] = [];
  for await (const one of reader.read(fileOf('read', lines))) found.push(one);
  return [found, reader];
};

describe('the form of lines', () => {
  test.each<[string, readonly string[], LineFormat | undefined]>([
    ['more than four words on any line', [...times(20, (i) => `${i} 1 2`), '20 1 2 3 4'], 'lists'],
    ['one item for each user, which both forms say', times(20, (i) => `${i} ${i % 5}`), 'triples'],
    ['two numbers for each user', times(20, (i) => `${i} ${i % 5} ${i % 3}`), undefined],
    ['three numbers for each user', times(20, (i) => `${i} ${i % 5} ${i % 3} ${i % 7}`), undefined],
    ['one user with two numbers', ['1 2 3'], undefined],
    ['two names for each user', times(20, (i) => `u${i} i${i % 5} i${i % 3}`), 'lists'],
    ['three names for each user', times(20, (i) => `u${i} i${i % 5} i${i % 3} i${i % 7}`), 'lists'],
    ['one to three numbers for each user', times(20, (i) => `${i} 5${' 6'.repeat(i % 3)}`), 'lists'],
    ['a user on two lines', [...times(20, (i) => `${i} ${i % 5} ${i % 3}`), '7 1 2'], 'triples'],
    ['a user on two lines, far down', [...times(2_000, (i) => `${i} ${i % 5} ${i % 3}`), '7 1 2'], 'triples'],
    ['a weight with a fraction', [...times(20, (i) => `${i} ${i % 5} ${i % 3}`), '20 1 2.5'], 'triples'],
    ['a time on each line', times(20, (i) => `${i} ${i % 5} 1 ${1_700_000_000 + i}`), 'triples'],
    ['a time on some lines only', times(20, (i) => `${i} ${i % 5} 1 ${i % 2 ? 1_700_000_000 : 5}`), undefined],
    ['a heading over weights', ['user item weight', ...times(20, (i) => `u${i % 9} i${i % 5} 1`)], 'triples'],
    ['a comment of many words', ['# user item weight and time', ...times(20, (i) => `${i % 9} ${i % 5} 1`)], 'triples'],
    ['nothing', [], 'triples'],
  ])('%s', async (_what, lines, format) => {
    expect(await detectFormat(fileOf('form', lines))).toBe(format);
  });
});

describe('the reader of lines', () => {
  test('takes triples between spaces, tabs and commas, and counts what makes no sense', async () => {
    const lines = [
      'a x',
      '# a comment',
      '',
      'a,y,2',
      'b\tz\t0.5\t17',
      'b',
      'c x -1',
      'c x NaN',
      'c x 1 soon',
      'c x 1 2 3',
    ];
    const [found, reader] = await readAll('triples', lines);
    expect(found).toEqual([
      { user: 'a', item: 'x' },
      { user: 'a', item: 'y', weight: 2 },
      { user: 'b', item: 'z', weight: 0.5, time: 17 },
    ]);
    expect(reader.wrong).toBe(5);
    expect(reader.listed.map(({ line, reason }) => [line, reason])).toEqual([
      [6, 'no item'],
      [7, 'the weight -1'],
      [8, 'the weight NaN'],
      [9, 'the time soon'],
      [10, 'more than four words'],
    ]);
  });

  test('takes lists, of users without an item too, and remembers the first twenty wrong lines', async () => {
    const long = 'x'.repeat(1_025);
    const [found, reader] = await readAll('lists', ['a 1 2 3', 'b', 'c 9', ...times(30, () => `d ${long}`)]);
    expect(found.map(({ user, item }) => user + item)).toEqual(['a1', 'a2', 'a3', 'c9']);
    expect([reader.wrong, reader.listed.length, reader.listed[0]?.line]).toEqual([30, 20, 4]);
  });
});

describe('npm run als', () => {
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/als.ts', ...args], { cwd: root, encoding: 'utf8' });

  test('learns, measures and prints JSON', () => {
    const data = makeInteractions(3, { users: 80, items: 50 });
    const line = ({ user, item }: Interaction): string => `${user} ${item} 1`;
    const train = fileOf('train', data.filter((_, i) => i % 5 > 0).map(line));
    const test = fileOf('test', data.filter((_, i) => i % 5 === 0).map(line));
    const { status, stdout } = run(
      '--train',
      train,
      '--test',
      test,
      '--factors',
      '8',
      '--iterations',
      '3',
      '--baselines',
    );
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as { format: string; users: number; metrics: Record<string, { ndcg: object }> };
    expect(report).toMatchObject({ format: 'triples', users: 79, parameters: { factors: 8, iterations: 3 } });
    expect(Object.keys(report.metrics)).toEqual(['als', 'mostPopular', 'itemCosine']);
    expect(Object.keys(report.metrics['als']?.ndcg ?? {})).toEqual(['10', '20', '50', '100']);
  });

  test('says what is wrong, with its code, and ends with 1', () => {
    const pairs = fileOf(
      'pairs',
      times(20, (i) => `${i} ${i % 5}`),
    );
    const refused = run('--train', pairs, '--factors', '10000');
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr.trim()).toBe(
      'ERR_EASY11_INVALID_OPTION: factors must be an integer from 1 to 1024, not 10000',
    );
    const either = run(
      '--train',
      fileOf(
        'either',
        times(20, (i) => `${i} ${i % 5} ${i % 3}`),
      ),
    );
    expect([either.status, either.stdout]).toEqual([1, '']);
    expect(either.stderr).toContain('Say --format lists or --format triples');
    const told = run(
      '--train',
      path.join(folder, 'either'),
      '--format',
      'lists',
      '--factors',
      '4',
      '--iterations',
      '1',
    );
    expect(JSON.parse(told.stdout)).toMatchObject({ format: 'lists', users: 20, entries: 20 + 14 });
    const empty = run('--train', fileOf('empty', ['# nothing']));
    expect([empty.status, empty.stderr.startsWith('ERR_EASY11_EMPTY_DATA: ')]).toEqual([1, true]);
  });
});
