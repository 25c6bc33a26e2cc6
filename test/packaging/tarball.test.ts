import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compiledAddon, discard, npm, run, shipCompiledAddon, stageSources, succeed, temporaryFolder } from './stage';

/** What a user gets from `npm install easy11`: the tarball, installed with scripts off, in a project of their own. */

const hasAddon = existsSync(compiledAddon);
const folders: string[] = [];
let stage: string;
let consumer: string;
let installed: string;
let packed: { filename: string; files: { path: string }[] };
let manifestBefore: string;

beforeAll(async () => {
  stage = stageSources({ devDependencies: true });
  folders.push(stage);
  if (hasAddon) shipCompiledAddon(stage);
  manifestBefore = readFileSync(path.join(stage, 'package.json'), 'utf8');
  const output = await npm(stage, ['pack', '--json', '--silent']);
  [packed] = JSON.parse(output) as [typeof packed];
  consumer = temporaryFolder();
  folders.push(consumer);
  installed = path.join(consumer, 'node_modules/easy11');
  writeFileSync(path.join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(consumer, ['install', ...flags, path.join(stage, packed.filename)]);
});

afterAll(() => {
  folders.forEach(discard);
});

const SEARCH = `
  const index = new Autocomplete();
  index.set({ id: 'mug', text: 'Red Retrospot Mug', weight: 2 });
  console.log(JSON.stringify({ found: index.search('red m').map((hit) => hit.id), ...backend(), error: undefined }));
  index.close();`;

interface Seen {
  readonly found: string[];
  readonly backend: string;
  readonly reason: string | null;
  readonly path: string | null;
  readonly hint: string | null;
}

async function search(face: 'require' | 'import', environment: NodeJS.ProcessEnv = {}): Promise<Seen> {
  const script =
    face === 'require'
      ? ['-e', `const { Autocomplete, backend } = require('easy11'); ${SEARCH}`]
      : ['--input-type=module', '-e', `import { Autocomplete, backend } from 'easy11'; ${SEARCH}`];
  const output = await succeed(consumer, process.execPath, script, environment);
  return JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? output) as Seen;
}

describe('the packed library', () => {
  test('contains the library and what compiles its addon, and nothing of the shop', () => {
    const allowed =
      /^(package\.json|README\.md|LICENSE|binding\.gyp|dist\/core\/.+\.(js|mjs|d\.ts|d\.mts)|native\/(include|src)\/.+\.(hpp|cpp)|native\/(sources\.json|exports\.map)|bindings\/.+\.(hpp|cpp)|prebuilds\/.+\.node|scripts\/(build-native|headers|lock)\.cjs)$/;
    const paths = packed.files.map((file) => file.path);
    expect(paths.filter((name) => !allowed.test(name))).toEqual([]);
    const list = JSON.parse(readFileSync(path.join(stage, 'native/sources.json'), 'utf8')) as {
      variables: Record<string, string[]>;
    };
    const sources = Object.values(list.variables)
      .flat()
      .map((name) => path.posix.join('native', name));
    expect(sources.filter((name) => !paths.includes(name))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'binding.gyp', 'dist/core/index.mjs', 'dist/core/index.d.mts']),
    );
  });

  test('depends on two small packages, and runs no script on installation', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as Record<string, object>;
    expect(Object.keys(manifest['dependencies'] ?? {})).toEqual(['node-addon-api', 'node-gyp-build']);
    expect(manifest['devDependencies']).toBeUndefined();
    expect(manifest['scripts']).toBeUndefined();
    expect(
      readdirSync(path.join(consumer, 'node_modules'))
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual(['easy11', 'node-addon-api', 'node-gyp-build']);
  });

  test('leaves the package.json of the clone as it was', () => {
    expect(readFileSync(path.join(stage, 'package.json'), 'utf8')).toBe(manifestBefore);
  });

  (hasAddon ? test.each(['require', 'import'] as const) : test.skip.each(['require', 'import'] as const))(
    'loads its prebuilt addon through %s (skipped where no addon was compiled)',
    async (face) => {
      const seen = await search(face, { EASY11_BACKEND: 'native' });
      expect(seen).toMatchObject({ backend: 'native', reason: null, found: ['mug'] });
      expect(seen.path).toContain(path.join('node_modules/easy11/prebuilds'));
    },
  );

  test('gives require and import the same classes', async () => {
    const script = `import * as face from 'easy11'; import { createRequire } from 'node:module';
      const common = createRequire(import.meta.url)('easy11');
      console.log(Object.keys(common).every((name) => face[name] === common[name]), Object.keys(face).length);`;
    const output = await succeed(consumer, process.execPath, ['--input-type=module', '-e', script]);
    expect(output).toMatch(/^true [1-9]/);
  });

  test('falls back with a reason and a hint where no binary fits', async () => {
    const hidden = path.join(installed, 'elsewhere');
    if (hasAddon) renameSync(path.join(installed, 'prebuilds'), hidden);
    try {
      const seen = await search('require');
      expect(seen).toMatchObject({ backend: 'fallback', reason: 'not-found', found: ['mug'] });
      expect(seen.hint).toContain('npx easy11-build');
      const forced = await run(consumer, process.execPath, ['-e', `require('easy11').backend()`], {
        EASY11_BACKEND: 'native',
      });
      expect(forced.status).not.toBe(0);
      expect(forced.output).toContain('ERR_EASY11_NATIVE_UNAVAILABLE');
    } finally {
      if (hasAddon) renameSync(hidden, path.join(installed, 'prebuilds'));
    }
  });

  test('has types for strict CommonJS and ESM consumers', async () => {
    for (const kind of ['cts', 'mts'])
      writeFileSync(
        path.join(consumer, `consumer.${kind}`),
        `import { Autocomplete, backend, type BackendReport, type Entry, type Hit } from 'easy11';
        const entries: Entry[] = [{ id: 'mug', text: 'Red Mug', weight: 1 }];
        const report: BackendReport = backend();
        export async function best(query: string): Promise<Hit | undefined> {
          const index = await Autocomplete.build(entries);
          // @ts-expect-error a query is a string: if this line is no error, the types are lost
          index.search(1);
          return index.search(query, { limit: 1 })[0];
        }
        console.log(report.backend);`,
      );
    const types = path.dirname(path.dirname(require.resolve('@types/node/package.json')));
    // No skipLibCheck: the library's own declarations are under test.
    const flags = '--noEmit --strict --target es2022 --module node16 --moduleResolution node16 --types node'.split(' ');
    const { status, output } = await run(consumer, process.execPath, [
      ...[require.resolve('typescript/bin/tsc'), ...flags, '--typeRoots', types],
      ...['consumer.cts', 'consumer.mts'],
    ]);
    expect(output).toBe('');
    expect(status).toBe(0);
  });

  test('has types that stay within the library', () => {
    const declarations = packed.files.map((file) => file.path).filter((name) => /\.d\.m?ts$/.test(name));
    const imports = declarations.flatMap((name) => {
      const text = readFileSync(path.join(installed, name), 'utf8');
      return [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map((match) =>
        String(match[1]).startsWith('.')
          ? path.posix.join(path.posix.dirname(name), String(match[1]))
          : String(match[1]),
      );
    });
    expect(imports.length).toBeGreaterThan(3);
    expect(imports.filter((target) => !target.startsWith('dist/core/'))).toEqual([]);
  });
});
