import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The rules of docs/architecture.md, held against the imports that the code really has. */
const root = path.resolve(__dirname, '..');
const source = path.join(root, 'src');

function filesUnder(directory: string, extensions: readonly string[]): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory())
      return ['generated', 'node_modules'].includes(entry.name) ? [] : filesUnder(full, extensions);
    return extensions.some((extension) => entry.name.endsWith(extension)) ? [full] : [];
  });
}

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const parsed = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return parsed.importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const target = path
      .relative(source, path.resolve(path.dirname(file), fileName))
      .split(path.sep)
      .join('/');
    return [{ from: path.relative(source, file).split(path.sep).join('/'), to: target }];
  });
}

const imports = filesUnder(source, ['.ts']).flatMap(importsOf);
const describeImport = ({ from, to }: Import): string => `${from} imports ${to}`;

/** Which layers a layer may import from, besides itself. `app` is everything directly under src/ and src/cli. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kernel: [],
  platform: ['kernel', 'core'],
  contexts: ['kernel', 'core', 'platform'],
  app: ['kernel', 'core', 'platform', 'contexts'],
};
const layerOf = (file: string): string => {
  const [first = ''] = file.split('/');
  return first in BELOW ? first : 'app';
};

/** A context may import the doors of the groups to its left; search and recommendations may read three more. */
const ORDER: readonly (readonly string[])[] = [
  ['identity'],
  ['customers', 'catalogue'],
  ['inventory', 'pricing', 'promotions'],
  ['cart', 'fraud', 'payments'],
  ['orders'],
];
const READERS: Readonly<Record<string, readonly string[]>> = {
  search: ['catalogue', 'pricing', 'inventory'],
  recommendations: ['catalogue', 'pricing', 'inventory'],
};
const contextOf = (file: string): string | undefined => /^contexts\/([^/]+)/.exec(file)?.[1];
function mayRead(context: string): readonly string[] {
  const group = ORDER.findIndex((names) => names.includes(context));
  return READERS[context] ?? (group < 0 ? [] : ORDER.slice(0, group).flat());
}

describe('the architecture', () => {
  test('there are imports to check', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  test('imports go down: kernel and core, platform, contexts, app', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [upper, lower] = [layerOf(from), layerOf(to)];
      return upper !== lower && !BELOW[upper]?.includes(lower);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('a context enters another only by its door, and only leftwards', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [own, other] = [contextOf(from), contextOf(to)];
      if (!other || own === other) return false;
      const door = to === `contexts/${other}` || to === `contexts/${other}/index`;
      return !door || (own !== undefined && !mayRead(own).includes(other));
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("a context's tables are named only in its own store", () => {
    const owners = new Map<string, string>();
    const schemas = path.join(root, 'prisma/schema');
    for (const file of readdirSync(schemas)) {
      const text = readFileSync(path.join(schemas, file), 'utf8');
      for (const [, table] of text.matchAll(/@@map\("(\w+)"\)/g))
        owners.set(String(table), file.replace('.prisma', ''));
    }
    expect(owners.size).toBeGreaterThan(3);
    const wrong = filesUnder(path.join(source, 'contexts'), ['.ts']).flatMap((file) => {
      const name = path.relative(source, file).split(path.sep).join('/');
      const text = readFileSync(file, 'utf8');
      const tables = [...text.matchAll(/\b(?:from|join|into|update|table|copy)\s+"?(\w+)"?/gi)].map((match) =>
        String(match[1]),
      );
      return tables
        .filter(
          (table) => owners.has(table) && !(owners.get(table) === contextOf(name) && /\/store(\.ts$|\/)/.test(name)),
        )
        .map((table) => `${name} names ${table}`);
    });
    expect(wrong).toEqual([]);
  });

  test('no file is past 400 lines', () => {
    const files = ['src', 'native', 'bindings', 'web', 'test', 'bench', 'scripts'].flatMap((directory) =>
      filesUnder(path.join(root, directory), ['.ts', '.tsx', '.cpp', '.hpp', '.cjs', '.mjs', '.css']),
    );
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 401);
    expect(long.map((file) => path.relative(root, file))).toEqual([]);
  });

  test('the native core knows no Node, and only src/core loads the addon', () => {
    const native = filesUnder(path.join(root, 'native'), ['.cpp', '.hpp']);
    const withNode = native.filter((file) => /#include\s*[<"](node|napi|v8|uv)/.test(readFileSync(file, 'utf8')));
    expect(withNode).toEqual([]);
    const loaders = filesUnder(source, ['.ts']).filter((file) =>
      /node-gyp-build|\.node['"]/.test(readFileSync(file, 'utf8')),
    );
    expect(loaders.filter((file) => !file.startsWith(path.join(source, 'core') + path.sep))).toEqual([]);
  });

  test('the parts of the house stand where the drawing shows them', () => {
    for (const place of [
      'src/core',
      'src/kernel',
      'src/platform',
      'src/contexts',
      'native',
      'bindings',
      'prisma',
      'bench',
      'web',
    ]) {
      expect(statSync(path.join(root, place)).isDirectory()).toBe(true);
    }
  });
});
