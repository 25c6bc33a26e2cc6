import { Cache, Easy11Error } from '../../../../src/core';
import { InjectedClock } from '../../../support/injected-clock';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A loader that waits until it is told what to give. */
class Loader {
  calls: {
    key: string;
    signal: AbortSignal;
    staleValue: unknown;
    give(value: unknown): void;
    fail(error: unknown): void;
  }[] = [];
  readonly load = (
    key: string,
    { signal, staleValue }: { signal: AbortSignal; staleValue: unknown },
  ): Promise<unknown> => new Promise((give, fail) => this.calls.push({ key, signal, staleValue, give, fail }));
}

async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: unknown }> {
  return promise.then(
    () => new Error('fulfilled'),
    (reason: unknown) => reason as Error,
  );
}

describe('fetch', () => {
  let loader: Loader;
  let cache: Cache;
  beforeEach(() => {
    loader = new Loader();
    cache = new Cache({ max: 100, fetchMethod: loader.load });
  });
  afterEach(() => cache.close());

  test('loads what is missing once for all who ask, and keeps it', async () => {
    const asked = [cache.fetch('a'), cache.fetch('a'), cache.fetch('b')];
    await turn();
    expect(loader.calls.map(({ key }) => key)).toEqual(['a', 'b']);
    loader.calls[0]!.give({ n: 1 });
    loader.calls[1]!.give('B');
    expect(await Promise.all(asked)).toEqual([{ n: 1 }, { n: 1 }, 'B']);
    expect(cache.get('a')).toEqual({ n: 1 });
    expect(await cache.fetch('a')).toEqual({ n: 1 });
    expect(loader.calls).toHaveLength(2);
  });

  test('shares a flight between handles of one name', async () => {
    const options = { name: 'fetched by three', max: 10 };
    const handles = [1, 2, 3].map(() => new Cache({ ...options, fetchMethod: loader.load }));
    const asked = handles.map((handle) => handle.fetch('key'));
    await turn();
    expect(loader.calls).toHaveLength(1);
    loader.calls[0]!.give({ text: '茶' });
    expect(await Promise.all(asked)).toEqual([1, 2, 3].map(() => ({ text: '茶' })));
    for (const [value, i] of [
      [Buffer.from('bytes'), 1],
      [undefined, 2],
      ['text', 3],
      [5, 4],
    ] as const) {
      const again = handles.map((handle) => handle.fetch(`key ${i}`));
      await turn();
      loader.calls[i]!.give(value);
      expect(await Promise.all(again)).toEqual([value, value, value]);
    }
    expect(loader.calls).toHaveLength(5);
    handles.forEach((handle) => handle.close());
  });

  test('hands an error of the loader to all, and loads again next time', async () => {
    const options = { name: 'failing', max: 10 };
    const handles = [1, 2].map(() => new Cache({ ...options, fetchMethod: loader.load }));
    const asked = [...handles, handles[0]!].map((handle) => errorOf(handle.fetch('key')));
    await turn();
    const error = Object.assign(new TypeError('no database'), { code: 'ECONNREFUSED' });
    loader.calls[0]!.fail(error);
    const errors = await Promise.all(asked);
    expect(errors.filter((one) => one === error)).toHaveLength(2);
    for (const one of errors) {
      expect(one).toMatchObject({ name: 'TypeError', message: 'no database', code: 'ECONNREFUSED' });
      expect(one.stack).toBe(error.stack);
    }
    const again = handles[1]!.fetch('key');
    await turn();
    loader.calls[1]!.give('fine');
    expect(await again).toBe('fine');
    handles.forEach((handle) => handle.close());
  });

  test('a loader that throws at once, and one that gives no error', async () => {
    const fetchMethod = (): never => {
      throw new Error('at once');
    };
    expect((await errorOf(cache.fetch('a', { fetchMethod }))).message).toBe('at once');
    const other = errorOf(cache.fetch('a'));
    await turn();
    loader.calls[0]!.fail('a word');
    expect(await other).toBe('a word');
  });

  test('what is too large to keep or undefined is given out and not kept', async () => {
    using small = new Cache({ maxBytes: 5_000 });
    const large = 'x'.repeat(6_000);
    expect(await small.fetch('a', { fetchMethod: () => large })).toBe(large);
    expect(await small.fetch('b', { fetchMethod: () => undefined })).toBeUndefined();
    expect(small.size).toBe(0);
    expect((await errorOf(small.fetch('c', { fetchMethod: () => NaN }))).code).toBe('ERR_EASY11_INVALID_VALUE');
  });

  test('ttl and tags are those of the options', async () => {
    const clock = new InjectedClock();
    using timed = new Cache({ max: 10, ttl: 1_000, now: clock.now, fetchMethod: (key) => `${key}!` });
    await timed.fetch('a', { ttl: 50_000, tags: ['t'] });
    await timed.fetch('b');
    clock.advance(2_000);
    expect([timed.get('a'), timed.get('b')]).toEqual(['a!', undefined]);
    timed.invalidateTag('t');
    expect(timed.get('a')).toBeUndefined();
  });

  test('a stale value is given out at once and loaded anew beside, once', async () => {
    const clock = new InjectedClock();
    const failures: unknown[] = [];
    using stale = new Cache({
      max: 10,
      ttl: 1_000,
      staleWhileRevalidate: 10_000,
      now: clock.now,
      fetchMethod: loader.load,
      onRefreshError: (error, key) => failures.push([error, key]),
    });
    stale.set('a', 'old');
    clock.advance(2_000);
    expect(await Promise.all([stale.fetch('a'), stale.fetch('a')])).toEqual(['old', 'old']);
    await turn();
    expect(loader.calls.map(({ staleValue }) => staleValue)).toEqual(['old']);
    loader.calls[0]!.fail('down');
    await turn();
    expect(failures).toEqual([['down', 'a']]);
    expect(await stale.fetch('a')).toBe('old');
    await turn();
    loader.calls[1]!.give('new');
    await turn();
    expect(await stale.fetch('a')).toBe('new');
    expect(loader.calls).toHaveLength(2);
    clock.advance(12_000);
    const gone = stale.fetch('a');
    await turn();
    loader.calls[2]!.give('newest');
    expect(await gone).toBe('newest');
  });

  test('forceRefresh loads what is there and fresh', async () => {
    cache.set('a', 'old');
    const asked = cache.fetch('a', { forceRefresh: true });
    await turn();
    expect(cache.get('a')).toBe('old');
    loader.calls[0]!.give('new');
    expect(await asked).toBe('new');
    expect(cache.get('a')).toBe('new');
  });

  test('an aborted caller leaves, and the others get the value', async () => {
    const controller = new AbortController();
    const [leaving, staying] = [errorOf(cache.fetch('a', { signal: controller.signal })), cache.fetch('a')];
    await turn();
    controller.abort('enough');
    expect(await leaving).toMatchObject({ name: 'AbortError', code: 'ERR_EASY11_ABORTED', cause: 'enough' });
    expect(loader.calls[0]!.signal.aborted).toBe(false);
    loader.calls[0]!.give(1);
    expect(await staying).toBe(1);
    expect((await errorOf(cache.fetch('b', { signal: controller.signal }))).name).toBe('AbortError');
  });

  test('when all callers of the leader are gone its signal aborts, and another handle takes over', async () => {
    const options = { name: 'taken over', max: 10, fetchMethod: loader.load };
    const [leader, heir] = [new Cache(options), new Cache(options)];
    const controller = new AbortController();
    const leaving = errorOf(leader.fetch('a', { signal: controller.signal }));
    await turn();
    const staying = heir.fetch('a');
    await turn();
    controller.abort();
    await leaving;
    const first = loader.calls[0]!;
    expect(first.signal.aborted).toBe(true);
    first.fail(first.signal.reason);
    while (loader.calls.length < 2) await turn();
    loader.calls[1]!.give('from the heir');
    expect(await staying).toBe('from the heir');
    leader.close();
    heir.close();
  });

  test('closing a handle abandons what it leads and refuses who waits there', async () => {
    const options = { name: 'closed meanwhile', max: 10, fetchMethod: loader.load };
    const [leader, heir] = [new Cache(options), new Cache(options)];
    const refused = errorOf(leader.fetch('a'));
    await turn();
    const staying = heir.fetch('a');
    const waiting = new Cache(options);
    const alsoRefused = errorOf(waiting.fetch('a'));
    await turn();
    waiting.close();
    expect((await alsoRefused) as Easy11Error).toMatchObject({ code: 'ERR_EASY11_CLOSED' });
    leader.close();
    while (loader.calls.length < 2) await turn();
    loader.calls[1]!.give('value');
    expect(await staying).toBe('value');
    loader.calls[0]!.give('late');
    expect(await refused).toMatchObject({ code: 'ERR_EASY11_CLOSED' });
    expect(heir.get('a')).toBe('value');
    heir.close();
  });
});
