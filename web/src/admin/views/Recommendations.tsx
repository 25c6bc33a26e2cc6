import { useState } from 'react';
import { explain } from '../../lib/explain';
import { useAdmin, useBackOffice } from '../access';
import { count, moment, words } from '../figures';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { RecommendationModel, Report } from '../types';

const LOOK_MS = 3_000;
/** States of a version that can be put into use. */
const READY = ['candidate', 'retired'];

/** Versions of what recommendations are made with, each beside the two simplest ways to recommend something. */
export function Recommendations() {
  const versions = useAdmin<Report<RecommendationModel>>('recommendations/models?limit=20', LOOK_MS);
  const { post } = useBackOffice();
  const [said, setSaid] = useState('');
  const act = (action: Promise<unknown>, done: string): void => {
    setSaid('');
    action
      .then(() => {
        setSaid(done);
        void versions.refetch();
      })
      .catch((error: unknown) => setSaid(`That did not work: ${explain(error)}`));
  };
  return (
    <Panel
      title="Recommendations"
      about="How much of what people took afterwards was among twenty that were recommended (recall), and how far up among ten (NDCG): by the version, by what is popular, and by what goes together with what they had."
      wide
    >
      <div className="flex flex-wrap items-center gap-4">
        <button
          type="button"
          className="button"
          onClick={() => act(post('recommendations/models'), 'A version is being trained.')}
        >
          Train a version
        </button>
        <p role="status">{said}</p>
      </div>
      <Answer query={versions}>
        {({ data }) =>
          data.length === 0 ? (
            <Nothing note="No version has been trained yet." />
          ) : (
            <DataTable
              caption="Versions of recommendations"
              rows={data}
              keyOf={({ version }) => version}
              columns={[
                { title: 'Version', cell: ({ version }) => version },
                { title: 'State', cell: stateOf },
                { title: 'Recall', cell: (row) => beside(row, 'recall20'), numeric: true },
                { title: 'NDCG', cell: (row) => beside(row, 'ndcg10'), numeric: true },
                {
                  title: 'Learnt from',
                  cell: ({ data: from }) => (from ? count(from.interactions) : ''),
                  numeric: true,
                },
                { title: 'Why', cell: ({ note }) => note },
                { title: 'Trained', cell: ({ trainedAt }) => (trainedAt ? moment(trainedAt) : '') },
                {
                  title: 'Change',
                  cell: ({ version, state }) =>
                    READY.includes(state) ? (
                      <button
                        type="button"
                        className="link min-h-11"
                        onClick={() =>
                          act(post(`recommendations/models/${version}:activate`), `Version ${version} answers now.`)
                        }
                      >
                        {state === 'retired' ? 'Go back to it' : 'Put into use'}
                        <span className="sr-only">: version {version}</span>
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
  );
}

function stateOf({ state, progress }: RecommendationModel): string {
  if (state !== 'training' || !progress) return words(state);
  const { phase, done, total } = progress;
  return `Training: ${phase}${total === null ? (done > 0 ? ` ${count(done)}` : '') : `, ${count(done)} of ${count(total)}`}`;
}

/** The figure of the version, of what is popular, and of what goes together. */
function beside({ evaluation }: RecommendationModel, figure: 'recall20' | 'ndcg10') {
  if (!evaluation?.model) return '';
  const of = (one: { readonly recall20: number; readonly ndcg10: number } | null): string =>
    one === null ? 'none' : one[figure].toFixed(3);
  return (
    <>
      <strong>{of(evaluation.model)}</strong>
      <br />
      <span className="text-muted">popular {of(evaluation.mostPopular)}</span>
      <br />
      <span className="text-muted">together {of(evaluation.itemCosine)}</span>
    </>
  );
}
