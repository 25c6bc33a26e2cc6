import { useState } from 'react';
import { useAdmin } from '../access';
import { count, moment, words } from '../figures';
import { Choice } from '../parts/Choice';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { Report, Saga } from '../types';

const LOOK_MS = 5_000;
const STATES = [
  ['manual', 'that need a person'],
  ['running', 'under way'],
  ['done', 'that ended last'],
] as const;

/** The sagas of orders and refunds. Those that need a person come first: the others are there to look something up. */
export function Sagas() {
  const [state, setState] = useState<(typeof STATES)[number][0]>('manual');
  const sagas = useAdmin<Report<Saga>>(`sagas?limit=100&state=${state}`, LOOK_MS);
  return (
    <Panel
      title="Sagas"
      about="What is done for each order, step by step. One that needs a person is tried again all the same."
      wide
    >
      <Choice label="Show those" options={STATES} value={state} onChange={setState} />
      <Answer query={sagas}>
        {({ data }) =>
          data.length === 0 ? (
            <Nothing note="None." />
          ) : (
            <DataTable
              caption={`Sagas ${STATES.find(([one]) => one === state)?.[1]}`}
              rows={data}
              keyOf={(saga) => saga.id}
              columns={[
                { title: 'Order', cell: ({ orderId }) => orderId },
                { title: 'Step', cell: ({ kind, step }) => `${words(kind)}: ${words(step)}` },
                { title: 'Since', cell: ({ stepSince }) => moment(stepSince) },
                { title: 'Attempts', cell: ({ attempts }) => count(attempts), numeric: true },
                { title: 'Why', cell: ({ error }) => error ?? '' },
              ]}
            />
          )
        }
      </Answer>
    </Panel>
  );
}
