import { stripVTControlCharacters } from 'node:util';
import pg from 'pg';

/** A guard that is taken out of the running code. */
export interface Mutant {
  /** How often the code came past the place where the guard was. */
  readonly used: () => number;
  restore(): void;
}

/** One guard, the test that misses it, and what is left when it is taken out. */
export interface Drill {
  /** What holds, as a sentence: the test of the code as it is. */
  readonly holds: string;
  readonly test: () => Promise<void>;
  /** What takes the guard out, and what the test then complains of: a test that fails for another reason proves nothing. */
  readonly mutants: Readonly<Record<string, { readonly make: () => Mutant; readonly failsWith: RegExp }>>;
}

/** The test on the code as it is, which passes, and on each mutant, where it fails. */
export function drill({ holds, test: check, mutants }: Drill): void {
  test(holds, check);
  test.each(Object.entries(mutants))(`${holds}: not so where %s`, async (_, mutation) => {
    const mutant = mutation.make();
    let complaint: unknown;
    let used: number;
    try {
      await check();
    } catch (error) {
      complaint = error;
    } finally {
      used = mutant.used();
      mutant.restore();
    }
    if (complaint === undefined) throw new Error('the mutant lives: the test does not miss the guard');
    expect(stripVTControlCharacters(complaint instanceof Error ? complaint.message : String(complaint))).toMatch(
      mutation.failsWith,
    );
    expect(used).toBeGreaterThan(0);
  });
}

interface Statement {
  readonly name?: string;
  readonly text: string;
}

/**
 * Sends other words than the code does, of one statement, on every connection: `changes` are applied to the statement of that name, or
 * of that beginning where it has none. Each must be found in it, so that a mutant whose place has changed is not taken for one.
 */
export function mutateStatement(which: string, ...changes: readonly (readonly [from: string, to: string])[]): Mutant {
  let used = 0;
  const change = (text: string): string => {
    used++;
    return changes.reduce((words, [from, to]) => {
      if (!words.includes(from)) throw new Error(`${which} does not say "${from}"`);
      return words.replace(from, () => to);
    }, text);
  };
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...given: unknown[]
  ): void {
    const [first, ...rest] = given as [string | Statement, ...unknown[]];
    const changed =
      typeof first === 'string'
        ? first.trimStart().startsWith(which)
          ? change(first)
          : first
        : first.name === which
          ? // What is prepared under the name is the statement as it is.
            { ...first, name: `${which}-mutant`, text: change(first.text) }
          : first;
    return query.call(this, changed, ...rest) as never;
  });
  return { used: () => used, restore: () => spy.mockRestore() };
}
