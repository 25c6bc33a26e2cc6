import { useState } from 'react';
import { explain } from '../../lib/explain';
import { useAdmin, useBackOffice } from '../access';
import { count, moment, percent, words } from '../figures';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import { Recommendations } from './Recommendations';
import type { Churn, Model, Report, Training } from '../types';

const LOOK_MS = 3_000;
const NAMES: Readonly<Record<string, string>> = {
  clv: 'Lifetime value',
  churn: 'Churn',
  forecast: 'Forecast of revenue',
};

export function Models() {
  const models = useAdmin<Report<Model>>('analytics/models?limit=30', LOOK_MS);
  const trainings = useAdmin<Report<Training>>('analytics/trainings?limit=5', LOOK_MS);
  const churn = useAdmin<Churn>('analytics/churn?limit=1');
  const { post } = useBackOffice();
  const [said, setSaid] = useState('');
  const act = (action: Promise<unknown>, done: string): void => {
    setSaid('');
    action
      .then(() => {
        setSaid(done);
        void models.refetch();
        void trainings.refetch();
      })
      .catch((error: unknown) => setSaid(`That did not work: ${explain(error)}`));
  };
  return (
    <div className="panels">
      <Panel
        title="Models"
        about="A model that is not worse than the one before takes its place by itself. Skill is how much less wrong it was than the simplest guess, on days that it had not seen."
        wide
      >
        <div className="flex flex-wrap items-center gap-4">
          <button
            type="button"
            className="button"
            onClick={() => act(post('analytics/trainings'), 'A training was asked for.')}
          >
            Train now
          </button>
          <p role="status">{said}</p>
        </div>
        <Answer query={models}>
          {({ data }) =>
            data.length === 0 ? (
              <Nothing note="No model has been learnt yet." />
            ) : (
              <DataTable
                caption="Models that were learnt"
                rows={data}
                keyOf={({ id }) => id}
                columns={[
                  { title: 'Model', cell: ({ kind, version }) => `${NAMES[kind] ?? kind} ${version}` },
                  { title: 'Stage', cell: ({ stage }) => words(stage) },
                  { title: 'Skill', cell: ({ skill }) => percent(skill, 1), numeric: true },
                  { title: 'Why', cell: ({ verdict }) => verdict },
                  { title: 'Learnt', cell: ({ createdAt }) => moment(createdAt) },
                  {
                    title: 'Change',
                    cell: ({ id, kind, version, stage }) =>
                      stage === 'production' || stage === 'learning' ? (
                        ''
                      ) : (
                        <button
                          type="button"
                          className="link min-h-11"
                          onClick={() =>
                            act(
                              post(`analytics/models/${id}/activation`, { evenIfWorse: true }),
                              `${NAMES[kind] ?? kind} ${version} is in production.`,
                            )
                          }
                        >
                          Put into production<span className="sr-only">: {`${NAMES[kind] ?? kind} ${version}`}</span>
                        </button>
                      ),
                  },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
      <Panel title="Trainings" wide>
        <Answer query={trainings}>
          {({ data }) =>
            data.length === 0 ? (
              <Nothing note="None yet." />
            ) : (
              <DataTable
                caption="Trainings"
                rows={data}
                keyOf={({ id }) => id}
                columns={[
                  { title: 'Asked for', cell: ({ queuedAt }) => moment(queuedAt) },
                  {
                    title: 'State',
                    cell: ({ state, progress }) => [words(state), progress].filter(Boolean).join(': '),
                  },
                  {
                    title: 'What became of it',
                    cell: ({ error, outcomes }) =>
                      error ?? outcomes.map(({ kind, verdict }) => `${NAMES[kind] ?? kind}: ${verdict}`).join('. '),
                  },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
      <Recommendations />
      <Panel
        title="How good the churn model is"
        about="Tenths of the customers from the likeliest to go to the least, on days that the model had not seen: what it said beside what happened."
        wide
      >
        <Answer query={churn}>
          {({ metrics, note }) => (metrics ? <Calibration metrics={metrics} /> : <Nothing note={note} />)}
        </Answer>
      </Panel>
    </div>
  );
}

function Calibration({ metrics }: { readonly metrics: NonNullable<Churn['metrics']> }) {
  return (
    <>
      <p className="panel-about">
        Area under the curve {metrics.areaUnderCurve.toFixed(3)}, of the days since the last purchase alone{' '}
        {metrics.areaUnderCurveOfRecency.toFixed(3)}; Brier score {metrics.brier.toFixed(3)}, of one rate for everybody{' '}
        {metrics.brierOfRate.toFixed(3)}. {count(metrics.testedOn)} customers as of {metrics.testedAt}.
      </p>
      <DataTable
        caption="Calibration and lift of the churn model"
        rows={metrics.deciles}
        keyOf={({ decile }) => decile}
        columns={[
          { title: 'Tenth', cell: ({ decile }) => decile },
          { title: 'Customers', cell: ({ customers }) => count(customers), numeric: true },
          { title: 'Said', cell: ({ meanProbability }) => percent(meanProbability, 1), numeric: true },
          { title: 'Happened', cell: ({ actualRate }) => percent(actualRate, 1), numeric: true },
          { title: 'Lift', cell: ({ lift }) => lift.toFixed(2), numeric: true },
          { title: 'Captured', cell: ({ captured }) => percent(captured), numeric: true },
        ]}
      />
    </>
  );
}
