import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '../src/platform/http/openapi';
// Registers every operation.
import '../src/recommending';
import '../src/routes';
import '../src/visitor-tracking';

const root = path.resolve(__dirname, '..');
const folder = path.join(root, 'docs/http');
const files = readdirSync(folder);
/** Contexts whose requests have another name there. */
const NAMES: Readonly<Record<string, string>> = { promotions: 'coupons' };

const { paths } = openApiDocument('1.0.0') as { paths: Record<string, Record<string, unknown>> };
const operations = Object.entries(paths).flatMap(([where, methods]) =>
  Object.keys(methods).map((method) => {
    const pattern = where.replace(/[.:]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
    return { method: method.toUpperCase(), where, pattern: new RegExp(`^${pattern}$`) };
  }),
);
/** Requests of a file: the first line after each heading, with the file's own variables put in. */
const requestsOf = (file: string): { method: string; where: string }[] => {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const variables = new Map([...text.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
  const put = (line: string): string =>
    line.replace(/\{\{(\w+)\}\}/g, (_, name: string) => put(variables.get(name) ?? `unknown-${name}`));
  return [...text.matchAll(/^(GET|POST|PUT|PATCH|DELETE) (\S+)/gm)].map(([, method = '', url = '']) => ({
    method,
    where: put(url).replace('http://localhost:3000', '').replace(/\?.*/, ''),
  }));
};
const answered = ({ method, where }: { method: string; where: string }): boolean =>
  operations.some((one) => one.method === method && one.pattern.test(where));

test('each context that answers requests has a file of them', () => {
  const contexts = readdirSync(path.join(root, 'src/contexts')).filter((name) =>
    existsSync(path.join(root, 'src/contexts', name, 'routes.ts')),
  );
  expect(contexts.length).toBeGreaterThan(10);
  expect(contexts.filter((name) => !files.includes(`${NAMES[name] ?? name}.http`))).toEqual([]);
});

test.each(files)('every request of %s is one that the shop answers', (file) => {
  const requests = requestsOf(file);
  expect(requests.length).toBeGreaterThan(0);
  const others = ['/asyncapi.json'];
  expect(requests.filter((request) => !answered(request) && !others.includes(request.where))).toEqual([]);
});

test('dead letters and their replay, and each operation of the catalogue and of fraud, can be tried', () => {
  const tried = ['catalogue.http', 'fraud.http', 'bus.http'].flatMap(requestsOf);
  const wanted = operations.filter(({ where }) =>
    /^\/v1\/(admin\/)?(products|categories|brands|fraud-reviews|(bus\/)?dead-letters)(\/|$)/.test(where),
  );
  expect(wanted.length).toBeGreaterThan(20);
  const missing = wanted.filter(
    (one) => !tried.some(({ method, where }) => one.method === method && one.pattern.test(where)),
  );
  expect(missing.map(({ method, where }) => `${method} ${where}`)).toEqual([]);
});
