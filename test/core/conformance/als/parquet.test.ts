import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { AlsModel } from '../../../../src/core';
import { codeOf } from '../../../support/interactions';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'easy11-parquet-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The schema that Spark MLlib's ALSModel.save writes: id: int, features: array<float>, whose elements are never null. */
const schema = [
  { name: 'spark_schema', num_children: 2 },
  { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'features', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
] as const;

interface Row {
  readonly id: number;
  readonly features: number[];
}
const vectors = (count: number, factors: number, step: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    id: 7 * i,
    features: Array.from({ length: factors }, (_, k) => Math.fround(Math.sin(step * i + k))),
  }));

/** A table as Spark leaves it: parts of Snappy, a note of success and checksums beside them. */
async function writeTable(name: string, rows: readonly Row[], parts: number, rowGroupSize = 10): Promise<string> {
  const directory = path.join(folder, name);
  await mkdir(directory, { recursive: true });
  for (let part = 0; part < parts; part++) {
    const own = rows.filter((_, i) => Math.floor((i * parts) / rows.length) === part);
    const bytes = parquetWriteBuffer({
      schema: [...schema],
      codec: 'SNAPPY',
      rowGroupSize,
      columnData: [
        { name: 'id', data: own.map(({ id }) => id) },
        { name: 'features', data: own.map(({ features }) => features) },
      ],
    });
    const file = `part-0000${part}-1b6f.c000.snappy.parquet`;
    await writeFile(path.join(directory, file), Buffer.from(bytes));
    await writeFile(path.join(directory, `.${file}.crc`), 'crc');
    // What a file system leaves beside a file when it is copied is no part either.
    await writeFile(path.join(directory, `._${file}`), 'no Parquet at all');
  }
  await writeFile(path.join(directory, '_SUCCESS'), '');
  return directory;
}

describe('factors that Spark MLlib wrote', () => {
  const users = vectors(60, 6, 1.3);
  const items = vectors(45, 6, 0.7);

  test('are read from Parquet directories of several parts and recommend as their products say', async () => {
    using model = await AlsModel.fromFactors({
      userFactors: await writeTable('userFactors', users, 3),
      itemFactors: await writeTable('itemFactors', items, 2),
    });
    expect(model.stats()).toMatchObject({ users: 60, items: 45, parameters: { factors: 6, unobservedWeight: 1 } });
    for (const { id, features } of users.slice(0, 20)) {
      const scores = items
        .map((item) => ({
          item: String(item.id),
          score: item.features.reduce((sum, y, k) => sum + y * features[k]!, 0),
        }))
        .sort((a, b) => b.score - a.score);
      const found = model.recommend(String(id), { limit: 5 });
      expect(found.map(({ item }) => item)).toEqual(scores.slice(0, 5).map(({ item }) => item));
      found.forEach(({ score }, i) => expect(score).toBeCloseTo(scores[i]!.score, 4));
    }
    expect(model.recommend(['0', '7'], { limit: 3 })).toHaveLength(3);
  });

  test('are all read from a part of many thousand rows, each once', async () => {
    const many = vectors(20_000, 2, 0.01);
    const few = vectors(3, 2, 1);
    using model = await AlsModel.fromFactors({
      userFactors: await writeTable('manyUsers', many, 1, 7_000),
      itemFactors: await writeTable('fewItems', few, 1),
    });
    expect(model.stats().users).toBe(20_000);
    for (const { id, features } of [many[0]!, many[8_191]!, many[8_192]!, many[19_999]!]) {
      const scores = few.map((item) => item.features.reduce((sum, y, k) => sum + y * features[k]!, 0));
      expect(model.recommend(String(id), { limit: 1 })[0]!.score).toBeCloseTo(Math.max(...scores), 4);
    }
  });

  test('that are not there, damaged, or of another shape are refused by name', async () => {
    const good = await writeTable('good', items, 1);
    const from = (userFactors: string): Promise<string> =>
      codeOf(AlsModel.fromFactors({ userFactors, itemFactors: good }));
    expect(await from(path.join(folder, 'nowhere'))).toBe('ERR_EASY11_IO');
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    expect(await from(empty)).toBe('ERR_EASY11_INVALID_OPTION');
    await writeFile(path.join(empty, 'part-0.parquet'), 'no Parquet at all');
    expect(await from(empty)).toBe('ERR_EASY11_IO');
    expect(await from(await writeTable('shorter', vectors(5, 4, 1), 1))).toBe('ERR_EASY11_INVALID_OPTION');
    const other = path.join(folder, 'other');
    await mkdir(other);
    const foreign = parquetWriteBuffer({ columnData: [{ name: 'price', data: [1, 2], type: 'INT32' }] });
    await writeFile(path.join(other, 'part-0.parquet'), Buffer.from(foreign));
    expect(await from(other)).toMatch(/IO|INVALID/);
  });
});
