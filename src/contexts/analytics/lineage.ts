import { DATASETS } from './archive/datasets';
import type { Model } from './pipeline/model-files';
import type { Lineage } from './schemas';
import type { ArchiveStatus } from './store/exports';
import type { Run } from './store/runs';

const ABOUT: Readonly<Record<string, string>> = {
  past_order_lines: 'Lines of orders from before this shop, from imported files.',
  order_lines: 'Lines of the shop’s orders, once for each time that something happened to the order.',
  refunds: 'What was paid back of the shop’s orders.',
  events: 'What visitors did.',
  products: 'The catalogue at the last export.',
};

/** What is made of what, and how the last run found it. */
export function lineageOf(models: readonly Model[], run: Run | undefined, archive: readonly ArchiveStatus[]): Lineage {
  const outcomes = new Map(run?.models.map((outcome) => [outcome.name, outcome]));
  const rows = new Map(archive.map((status) => [status.dataset, status.rows]));
  const sources: Lineage['nodes'] = Object.values(DATASETS).map(({ name }) => ({
    name: `source.${name}`,
    kind: 'source',
    description: ABOUT[name] ?? '',
    state: 'archived',
    rows: rows.get(name) ?? null,
    tests: [],
  }));
  const built = models.map((model): Lineage['nodes'][number] => {
    const outcome = outcomes.get(model.name);
    const found = new Map(outcome?.tests.map((test) => [test.test, test]));
    return {
      name: model.name,
      kind: model.layer,
      description: model.description,
      state: outcome?.state ?? 'unknown',
      rows: outcome?.rows ?? null,
      tests: model.tests.map(
        ({ text }) => found.get(text) ?? { test: text, state: 'unknown', failures: 0, error: null },
      ),
    };
  });
  const edges = models.flatMap(({ name, parents, sources: datasets }) => [
    ...datasets.map((dataset) => ({ from: `source.${dataset}`, to: name })),
    ...parents.map((parent) => ({ from: parent, to: name })),
  ]);
  return { nodes: [...sources, ...built], edges };
}
