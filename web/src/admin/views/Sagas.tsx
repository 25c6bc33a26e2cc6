import { useId, useState } from 'react';
import { ChevronIcon } from '../../components/icons';
import { useAdmin } from '../access';
import { count, moment, words } from '../figures';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { Report, Saga } from '../types';

const LOOK_MS = 5_000;
const STATES = { manual: 'that need a person', running: 'under way', done: 'that ended last' } as const;

/** The sagas of orders and refunds. Those that need a person come first: the others are there to look something up. */
export function Sagas() {
  const id = useId();
  const [state, setState] = useState<keyof typeof STATES>('manual');
  const sagas = useAdmin<Report<Saga>>(`sagas?limit=100&state=${state}`, LOOK_MS);
  return (
    <Panel
      title="Sagas"
      about="What is done for each order, step by step. One that needs a person is tried again all the same."
      wide
    >
      <p className="mb-4">
        <label htmlFor={id} className="block font-semibold">
          Show those
        </label>
        <span className="relative inline-flex items-center">
          <select
            id={id}
            className="select"
            value={state}
            onChange={(event) => setState(event.target.value as keyof typeof STATES)}
          >
            {Object.entries(STATES).map(([one, name]) => (
              <option key={one} value={one}>
                {name}
              </option>
            ))}
          </select>
          <ChevronIcon className="pointer-events-none absolute right-3 size-4" />
        </span>
      </p>
      <Answer query={sagas}>
        {({ data }) =>
          data.length === 0 ? (
            <Nothing note="None." />
          ) : (
            <DataTable
              caption={`Sagas ${STATES[state]}`}
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
