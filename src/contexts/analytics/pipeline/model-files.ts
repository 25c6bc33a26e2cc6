import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DATASETS } from '../archive/datasets';
import { LAYERS, type Layer } from './outcomes';
import { modelsOf, parseTest, type ModelTest } from './model-tests';

/**
 * The models: `models/<layer>/<name>.sql`, one query each. `{{name}}` stands for another model, `{{source.name}}` for a dataset of
 * the archive: from these the order and the lineage follow. The comment at the top describes the model; lines in it that begin with
 * `@` are for the runner:
 *
 *     -- @view                           looked up each time it is read, not kept; the others are tables
 *     -- @until ordered_at               how far the data of a mart goes
 *     -- @test unique(id)                blocks everything that is made of the model when it fails
 *     -- @warn freshness(day, 2 days)    raises an alert only
 */
export interface Model {
  readonly name: string;
  readonly layer: Layer;
  readonly description: string;
  readonly view: boolean;
  readonly until: string | undefined;
  readonly tests: readonly ModelTest[];
  /** With `{{…}}` in it. */
  readonly sql: string;
  /** Models that it is made of. */
  readonly parents: readonly string[];
  /** Datasets of the archive that it reads. */
  readonly sources: readonly string[];
}

/** A file that is no model, or names that lead nowhere. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

const NAME = /^[a-z][a-z0-9_]*$/;
const PLACE = /\{\{\s*(source\.)?([a-z0-9_]+)\s*\}\}/g;

/** Reads one model. Throws ModelError. */
export function parseModel(name: string, layer: Layer, text: string): Model {
  if (!NAME.test(name)) throw new ModelError(`"${name}" is no name for a model`);
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const header = lines.slice(0, Math.max(0, end)).map((line) => line.replace(/^--\s?/, '').trim());
  const said = (tag: string): string[] =>
    header.filter((line) => line.startsWith(`@${tag} `)).map((line) => line.slice(tag.length + 2).trim());
  const sql = lines.slice(Math.max(0, end)).join('\n').trim().replace(/;$/, '');
  const known = /^@(view|until|test|warn)\b/;
  const unknown = header.find((line) => line.startsWith('@') && !known.test(line));
  if (unknown !== undefined) throw new ModelError(`${name}: there is no "${unknown}"`);
  const places = [...sql.matchAll(PLACE)];
  const distinct = (source: boolean): string[] => [
    ...new Set(places.filter(([, prefix]) => (prefix !== undefined) === source).map(([, , place]) => String(place))),
  ];
  const tests = (['test', 'warn'] as const).flatMap((tag) => said(tag).map((one) => parseTest(one, tag === 'test')));
  return {
    name,
    layer,
    description: header.filter((line) => !line.startsWith('@')).join(' '),
    view: header.includes('@view'),
    until: said('until')[0],
    tests,
    sql,
    parents: distinct(false),
    sources: distinct(true),
  };
}

/** Where the files are, from src/ under a test and from dist/ under `npm start` alike. */
export const MODELS_FOLDER = path.join(__dirname, '..', 'models');

/** All models, each after those that it is made of. Throws ModelError for names that lead nowhere or in a circle. */
export function readModels(folder = MODELS_FOLDER): Model[] {
  const models = LAYERS.flatMap((layer) =>
    readdirSync(path.join(folder, layer))
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .map((file) =>
        parseModel(file.replace(/\.sql$/, ''), layer, readFileSync(path.join(folder, layer, file), 'utf8')),
      ),
  );
  return inOrder(models);
}

/** The models so that each comes after what it is made of, and otherwise as they came. Throws ModelError. */
export function inOrder(models: readonly Model[]): Model[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  if (byName.size < models.length) throw new ModelError('two models have the same name');
  const datasets = new Set<string>(Object.values(DATASETS).map(({ name }) => name));
  const ordered = new Set<Model>();
  const visit = (model: Model, above: readonly string[]): void => {
    if (ordered.has(model)) return;
    if (above.includes(model.name)) throw new ModelError(`${[...above, model.name].join(' → ')} is a circle`);
    const nowhere = model.sources.find((source) => !datasets.has(source));
    if (nowhere !== undefined) throw new ModelError(`${model.name}: the archive has no "${nowhere}"`);
    for (const parent of [...model.parents, ...model.tests.flatMap(modelsOf)]) {
      const found = byName.get(parent);
      if (!found) throw new ModelError(`${model.name}: there is no model "${parent}"`);
      if (LAYERS.indexOf(found.layer) > LAYERS.indexOf(model.layer))
        throw new ModelError(`${model.name} is made of ${parent}, which is a step further`);
      visit(found, [...above, model.name]);
    }
    ordered.add(model);
  };
  for (const model of models) visit(model, []);
  return [...ordered];
}

/** The query with tables in the places. `tableOf` gives the SQL of a dataset. */
export const resolve = ({ sql }: Model, tableOf: (dataset: string) => string): string =>
  sql.replace(PLACE, (_, prefix: string | undefined, place: string) =>
    prefix === undefined ? `"${place}"` : tableOf(place),
  );
