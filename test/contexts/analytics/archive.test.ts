import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DATASETS } from '../../../src/contexts/analytics';
import { foldersOf, tableOf } from '../../../src/contexts/analytics/archive/files';
import { Engine, quoted } from '../../../src/contexts/analytics/duckdb';

test('parts of the archive from before a dataset had a column are read, and it is null in them', async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'easy11-archive-'));
  const engine = await Engine.open({ file: ':memory:', spill: path.join(root, 'spill'), threads: 1, memoryMb: 256 });
  try {
    const folders = foldersOf(root);
    const day = path.join(folders.archive, 'order_lines', 'day=2026-01-01');
    await mkdir(day, { recursive: true });
    const file = quoted(path.join(day, 'part-000000001-0.parquet'));
    await engine.run(
      `copy (select 'ord_1' as order_id, 1 as version, 120::bigint as total) to ${file} (format parquet)`,
    );
    const table = await tableOf(folders, DATASETS.orderLines);
    expect(await engine.rows(`select order_id, version, total, shopper, coupon_discount, sku from ${table}`)).toEqual([
      { order_id: 'ord_1', version: 1, total: 120, shopper: null, coupon_discount: null, sku: null },
    ]);
  } finally {
    engine.close();
    await rm(root, { recursive: true, force: true });
  }
});
