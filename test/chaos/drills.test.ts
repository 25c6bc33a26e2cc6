import { DRILLS, readCommand, Usage } from './drills';

const read = (...args: string[]): unknown => {
  const { drills, options } = readCommand(args);
  return [drills.map(({ name }) => name), Object.fromEntries(options)];
};

test('a command names the drills that are run: the kills where it names none, and all of them', () => {
  expect(read()).toEqual([['kills'], {}]);
  expect(read('--kills=5', '--seed=3')).toEqual([['kills'], { kills: 5, seed: 3 }]);
  expect(read('zombie', 'redis')).toEqual([['redis', 'zombie'], {}]);
  expect(read('all')).toEqual([DRILLS.map(({ name }) => name), {}]);
  for (const args of [['--rush=20'], ['rush', '--runs=20'], ['--rush', '--runs=20']])
    expect(read(...args)).toEqual([['rush'], { runs: 20 }]);
});

test('a command that asks for something else is told what there is', () => {
  for (const args of [['nothing'], ['--kills'], ['--kills=many'], ['--orders=5'], ['--help']]) {
    expect(() => read(...args)).toThrow(Usage);
    expect(() => read(...args)).toThrow(/zombie +C9: SIGSTOP/);
  }
});

test('every requirement from C1 to C9 that is about failures has a drill, and a name of its own', () => {
  expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length);
  for (const id of ['C1', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C9', 'C12', 'C13'])
    expect(DRILLS.filter(({ sentence }) => sentence.startsWith(`${id}: `))).toHaveLength(1);
});
