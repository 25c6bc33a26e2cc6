import { useState } from 'react';
import { explain } from '../../lib/explain';
import { useAdmin, useBackOffice } from '../access';
import { count, moment, percent, words } from '../figures';
import { Choice } from '../parts/Choice';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { Experiment, ExperimentResults, Report } from '../types';
import { NewExperiment } from './NewExperiment';

const LOOK_MS = 30_000;

/** What an experiment becomes next, and what does it. What is stopped stays so. */
const NEXT: Readonly<Record<string, { readonly state: string; readonly verb: string; readonly done: string }>> = {
  draft: { state: 'running', verb: 'Start', done: 'runs' },
  running: { state: 'stopped', verb: 'Stop', done: 'is stopped, for good' },
};

/** What is compared with what, and what came of it so far. */
export function Experiments() {
  const experiments = useAdmin<Report<Experiment>>('experiments?limit=100', LOOK_MS);
  const { post, patch } = useBackOffice();
  const [said, setSaid] = useState('');
  const act = async (action: Promise<unknown>, done: string): Promise<boolean> => {
    setSaid('');
    try {
      await action;
      setSaid(done);
      return true;
    } catch (error) {
      setSaid(`That did not work: ${explain(error)}`);
      return false;
    } finally {
      void experiments.refetch();
    }
  };
  const changeOf = ({ key, name, state, version }: Experiment) => {
    const next = NEXT[state];
    if (!next) return '';
    const change = () => void act(patch(`experiments/${key}`, version, { state: next.state }), `${name} ${next.done}.`);
    return (
      <button type="button" className="link min-h-11" onClick={change}>
        {next.verb}
        <span className="sr-only">: {name}</span>
      </button>
    );
  };
  return (
    <div className="panels">
      <Panel
        title="All experiments"
        about="While one runs, its variants stay as they are. What is stopped does not start again."
        wide
      >
        <p role="status">{said}</p>
        <Answer query={experiments}>
          {({ data }) =>
            data.length === 0 ? (
              <Nothing note="There is none yet." />
            ) : (
              <DataTable
                caption="Experiments"
                rows={data}
                keyOf={({ key }) => key}
                columns={[
                  { title: 'Experiment', cell: ({ name }) => name },
                  { title: 'Key', cell: ({ key }) => key },
                  { title: 'State', cell: ({ state }) => words(state) },
                  { title: 'Counts', cell: ({ metric }) => words(metric) },
                  { title: 'Variants', cell: ({ variants }) => variants.map(shareOf).join(', ') },
                  { title: 'Started', cell: ({ startedAt }) => (startedAt ? moment(startedAt) : '') },
                  { title: 'Stopped', cell: ({ stoppedAt }) => (stoppedAt ? moment(stoppedAt) : '') },
                  { title: 'Change', cell: changeOf },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
      <Panel
        title="A new experiment"
        about="It is a draft until it is started. The pages must know its key and variants."
        wide
      >
        <NewExperiment make={(draft) => act(post('experiments', draft), `${draft.name} is a draft.`)} />
      </Panel>
      <Panel title="Results" wide>
        <Answer query={experiments}>
          {({ data }) => (data.length === 0 ? <Nothing note="There is none yet." /> : <Chosen experiments={data} />)}
        </Answer>
      </Panel>
    </div>
  );
}

const shareOf = ({ key, weight }: Experiment['variants'][number], _: number, all: Experiment['variants']): string =>
  `${key} ${percent(weight / all.reduce((sum, one) => sum + one.weight, 0))}`;

function Chosen({ experiments }: { readonly experiments: readonly Experiment[] }) {
  const first = experiments.find(({ state }) => state === 'running') ?? experiments[0];
  const [chosen, setChosen] = useState(first?.key ?? '');
  const results = useAdmin<ExperimentResults>(`experiments/${chosen}/results`, LOOK_MS);
  return (
    <>
      <Choice
        label="Of"
        options={experiments.map(({ key, name }) => [key, name])}
        value={chosen}
        onChange={setChosen}
      />
      <Answer query={results}>{(found) => <Results results={found} />}</Answer>
    </>
  );
}

const range = (low: number, high: number, show: (value: number) => string): string => `${show(low)} to ${show(high)}`;
/** Of one share to another: `+1.2 points`. */
const points = (value: number): string => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}`;
const share = (value: number): string => percent(value, 1);

function Results({ results }: { readonly results: ExperimentResults }) {
  const { variants, level, countedFrom, countedUntil, sampleRatio, sawSeveral, notes } = results;
  return (
    <div className="grid gap-3">
      {countedFrom !== null && countedUntil !== null && (
        <p className="panel-about">
          Visitors from {moment(countedFrom)} to {moment(countedUntil)}. Each interval is of {percent(level)}; a
          difference is in percentage points from the first variant.
        </p>
      )}
      <DataTable
        caption="Variants and what came of them"
        rows={variants}
        keyOf={({ key }) => key}
        columns={[
          { title: 'Variant', cell: ({ key }) => key },
          { title: 'Saw it', cell: ({ exposed }) => count(exposed), numeric: true },
          { title: 'Did it', cell: ({ converted }) => count(converted), numeric: true },
          { title: 'Share', cell: ({ rate }) => (rate === null ? '' : share(rate)), numeric: true },
          {
            title: 'Interval',
            cell: ({ interval }) => (interval ? range(interval.low, interval.high, share) : ''),
            numeric: true,
          },
          {
            title: 'Difference',
            cell: ({ difference }) => (difference ? points(difference.estimate) : ''),
            numeric: true,
          },
          {
            title: 'Its interval',
            cell: ({ difference }) => (difference ? range(difference.low, difference.high, points) : ''),
            numeric: true,
          },
        ]}
      />
      <p className={sampleRatio?.mismatch ? 'font-semibold text-alert' : undefined}>
        {sampleRatio === null
          ? 'Too few have seen it to say whether they fit the shares that were set.'
          : sampleRatio.mismatch
            ? `Who was counted does not fit the shares that were set (p = ${probability(sampleRatio.pValue)}): something else than chance decided.`
            : `Who was counted fits the shares that were set (p = ${probability(sampleRatio.pValue)}).`}
        {sawSeveral > 0 && ` ${count(sawSeveral)} saw several variants and count in none.`}
      </p>
      <ul className="remarks">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

const probability = (p: number): string => (p < 0.001 ? 'below 0.001' : p.toFixed(3));
