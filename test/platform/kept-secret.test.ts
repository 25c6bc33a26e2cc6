import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { keptSecret } from '../../src/platform/kept-secret';

describe('a kept secret', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made once, however many want it at once, and only its owner can read it', async () => {
    const kept = await Promise.all(Array.from({ length: 20 }, () => keptSecret(path.join(folder, 'new'), 'key', 32)));
    expect(new Set(kept.map(({ secret }) => secret)).size).toBe(1);
    const [{ secret, file } = { secret: '', file: '' }] = kept;
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.join(folder, 'new'))).toEqual(['key']);
    expect(await keptSecret(path.join(folder, 'new'), 'key', 32)).toEqual({ secret, file });
  });

  test('that somebody emptied is refused: an empty key would sign anything', async () => {
    await writeFile(path.join(folder, 'key'), '\n');
    await expect(keptSecret(folder, 'key', 32)).rejects.toThrow('holds no secret');
    expect(await readdir(folder)).toEqual(['key']);
  });
});
