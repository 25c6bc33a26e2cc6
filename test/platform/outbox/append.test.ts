import { appendEvents, partitionOf, toCloudEvent } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, publishAll, readLog, thing } from './support';

let scratch: TestDatabase;
beforeAll(async () => {
  scratch = await createTestDatabase();
});
afterAll(() => scratch.drop());
beforeEach(async () => {
  await scratch.database.pool.query('truncate outbox_events cascade');
});

describe('appending events', () => {
  test('an event is published when its transaction commits, and never was when it does not', async () => {
    await append(scratch.database, thing('kept', 1, { colour: 'réd' }));
    const failing = scratch.database.transaction(async (client) => {
      await appendEvents(client, [thing('lost', 1)]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await publishAll(scratch.database)).toBe(1);
    const log = await readLog(scratch.database);
    expect(log).toMatchObject([{ id: 'thing:kept:1', subject: 'kept', data: { colour: 'réd' } }]);
  });

  test('the same version of an aggregate is refused a second time', async () => {
    await append(scratch.database, thing('a', 1));
    await expect(append(scratch.database, thing('a', 1))).rejects.toMatchObject({ code: '23505' });
  });

  test('an event without a kind, a version or data is refused before it reaches the database', async () => {
    await expect(append(scratch.database, { ...thing('a', 1), aggregate: 'thing' })).rejects.toThrow(RangeError);
    await expect(append(scratch.database, thing('a', 0))).rejects.toThrow(RangeError);
    await expect(append(scratch.database, { ...thing('a', 1), data: undefined })).rejects.toThrow(RangeError);
  });

  test('ten thousand events go in one statement and keep their order per aggregate', async () => {
    const events = Array.from({ length: 10_000 }, (_, i) => thing(`bulk${i % 5_000}`, i < 5_000 ? 1 : 2));
    await append(scratch.database, ...events);
    while ((await publishAll(scratch.database)) > 0);
    const log = await readLog(scratch.database);
    expect(log).toHaveLength(10_000);
    const seen = new Map<string, number>();
    for (const { aggregate, version } of log) {
      expect(version).toBe((seen.get(aggregate) ?? 0) + 1);
      seen.set(aggregate, version);
    }
  });

  test('the partition of an aggregate never changes between versions of this code', () => {
    const names = ['product:prd_1', 'product:prd_2', 'order:ord_0193', 'thing:ß', 'x:y'];
    // A change would send an aggregate's next event to another partition than its last.
    expect(names.map(partitionOf)).toEqual([5, 4, 6, 6, 1]);
    const spread = new Set(Array.from({ length: 200 }, (_, i) => partitionOf(`product:prd_${i}`)));
    expect(spread.size).toBe(8);
  });

  test('an event leaves the process as a CloudEvent', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await append(scratch.database, { ...thing('a', 7, { n: 1 }), traceparent });
    await publishAll(scratch.database);
    const [event] = await readLog(scratch.database);
    expect(toCloudEvent(event!)).toEqual({
      specversion: '1.0',
      id: 'thing:a:7',
      type: 'easy11.thing.changed.v1',
      source: '/easy11/test',
      subject: 'a',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      datacontenttype: 'application/json',
      partitionkey: 'thing:a',
      sequence: '0000000007',
      traceparent,
      data: { n: 1 },
    });
  });
});
