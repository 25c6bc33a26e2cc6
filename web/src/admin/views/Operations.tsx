import { useState } from 'react';
import { explain } from '../../lib/explain';
import { useAdmin, useBackOffice } from '../access';
import { count, moment, words } from '../figures';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import { Disputes } from './Disputes';
import { Sagas } from './Sagas';
import type { Alert, DeadLetter, Lineage, Report, Run } from '../types';

const LOOK_MS = 5_000;

export function Operations() {
  const { post } = useBackOffice();
  const letters = useAdmin<{ readonly data: readonly DeadLetter[] }>('dead-letters?limit=100', LOOK_MS);
  const alerts = useAdmin<{ readonly data: readonly Alert[] }>('analytics/alerts', LOOK_MS);
  const runs = useAdmin<Report<Run>>('analytics/runs?limit=10', LOOK_MS);
  const lineage = useAdmin<Lineage>('analytics/lineage');
  const [said, setSaid] = useState('');
  const act = (action: Promise<unknown>, done: string): void => {
    setSaid('');
    action
      .then(() => {
        setSaid(done);
        void letters.refetch();
        void runs.refetch();
      })
      .catch((error: unknown) => setSaid(`That did not work: ${explain(error)}`));
  };
  return (
    <div className="panels">
      <p role="status" className="panel-wide font-semibold">
        {said}
      </p>
      <Sagas />
      <Disputes />
      <Panel
        title="Dead letters"
        about="Events that a part of the shop could not take in, and those that wait behind them."
        wide
      >
        <Answer query={letters}>
          {({ data }) =>
            data.length === 0 ? (
              <Nothing note="None." />
            ) : (
              <DataTable
                caption="Dead letters"
                rows={data}
                keyOf={({ id }) => id}
                columns={[
                  { title: 'Event', cell: ({ type, aggregate }) => `${type} of ${aggregate}` },
                  { title: 'For', cell: ({ group }) => group },
                  { title: 'State', cell: ({ state }) => words(state) },
                  { title: 'Attempts', cell: ({ attempts }) => count(attempts), numeric: true },
                  { title: 'Why', cell: ({ error }) => error ?? '' },
                  {
                    title: 'Change',
                    cell: ({ id, state }) =>
                      state === 'dead' ? (
                        <button
                          type="button"
                          className="link min-h-11"
                          onClick={() => act(post(`dead-letters/${id}/replay`), `Letter ${id} is tried again.`)}
                        >
                          Try again<span className="sr-only">: letter {id}</span>
                        </button>
                      ) : (
                        ''
                      ),
                  },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
      <Panel
        title="Alerts"
        about="Tests of the data that fail. A mart whose tests fail is not published: the one before is served."
        wide
      >
        <Answer query={alerts}>
          {({ data }) => <Alerts open={data.filter(({ resolvedAt }) => resolvedAt === null)} />}
        </Answer>
      </Panel>
      <Panel title="Runs of analytics" wide>
        <button
          type="button"
          className="button"
          onClick={() => act(post('analytics/runs'), 'A run of analytics was asked for.')}
        >
          Run now
        </button>
        <Answer query={runs}>{({ data }) => <Runs runs={data} />}</Answer>
      </Panel>
      <Panel title="Where figures come from" about="Each mart, what it is made of, and how its tests went." wide>
        <Answer query={lineage}>{(drawn) => <Ancestry lineage={drawn} />}</Answer>
      </Panel>
    </div>
  );
}

function Alerts({ open }: { readonly open: readonly Alert[] }) {
  if (open.length === 0) return <Nothing note="None is open." />;
  return (
    <DataTable
      caption="Open alerts"
      rows={open}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Model', cell: ({ model }) => model },
        { title: 'Test', cell: ({ test }) => test },
        { title: 'What is wrong', cell: ({ detail }) => detail },
        { title: 'Last seen', cell: ({ seenAt }) => moment(seenAt) },
      ]}
    />
  );
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  if (runs.length === 0) return <Nothing note="Analytics has not run yet." />;
  const seconds = ({ startedAt, finishedAt }: Run): string =>
    startedAt && finishedAt ? `${((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s` : '';
  return (
    <DataTable
      caption="Runs of analytics"
      rows={runs}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Asked for', cell: ({ queuedAt }) => moment(queuedAt) },
        { title: 'By', cell: ({ trigger }) => words(trigger) },
        { title: 'State', cell: ({ state, progress }) => [words(state), progress].filter(Boolean).join(': ') },
        { title: 'Models', cell: ({ models }) => count(models.length), numeric: true },
        { title: 'Took', cell: seconds, numeric: true },
        { title: 'Error', cell: ({ error }) => error ?? '' },
      ]}
    />
  );
}

function Ancestry({ lineage: { nodes, edges } }: { readonly lineage: Lineage }) {
  const parents = (name: string): string =>
    edges
      .filter(({ to }) => to === name)
      .map(({ from }) => from)
      .join(', ');
  return (
    <DataTable
      caption="Models of data and what they are made of"
      rows={nodes}
      keyOf={({ name }) => name}
      columns={[
        {
          title: 'Name',
          cell: ({ name, description }) => (description ? <abbr title={description}>{name}</abbr> : name),
        },
        { title: 'Layer', cell: ({ kind }) => words(kind) },
        { title: 'Made of', cell: ({ name }) => parents(name) },
        { title: 'State', cell: ({ state }) => words(state) },
        { title: 'Rows', cell: ({ rows }) => (rows === null ? '' : count(rows)), numeric: true },
        {
          title: 'Tests passed',
          cell: ({ tests }) =>
            tests.length === 0 ? '' : `${tests.filter(({ state }) => state === 'passed').length} of ${tests.length}`,
          numeric: true,
        },
      ]}
    />
  );
}
