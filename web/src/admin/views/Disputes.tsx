import { useAdmin } from '../access';
import { day, money, moment, words } from '../figures';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { Dispute, Report } from '../types';

const LOOK_MS = 30_000;
/** As the payments name them. */
const MEANS: Readonly<Record<string, string>> = {
  inquiry: 'The bank asks',
  open: 'The bank has taken the money',
  won: 'Won: the money is back',
  lost: 'Lost: the bank keeps the money',
  closed: 'The bank asks no more',
};

/** What banks of payers take back, or ask about. They are answered at the provider. */
export function Disputes() {
  const disputes = useAdmin<Report<Dispute>>('disputes?limit=50', LOOK_MS);
  return (
    <Panel
      title="Disputes"
      about="What payers have complained about to their bank. They are answered at the payment provider, in time."
      wide
    >
      <Answer query={disputes}>
        {({ data }) =>
          data.length === 0 ? (
            <Nothing note="None." />
          ) : (
            <DataTable
              caption="Disputes"
              rows={data}
              keyOf={({ id }) => id}
              columns={[
                { title: 'Order', cell: ({ orderId }) => orderId },
                { title: 'State', cell: ({ status }) => MEANS[status] ?? words(status) },
                { title: 'Amount', cell: ({ amount }) => money(amount), numeric: true },
                { title: 'Reason', cell: ({ reason }) => words(reason) },
                { title: 'Answer by', cell: ({ respondBy }) => (respondBy ? day(respondBy) : '') },
                { title: 'Since', cell: ({ createdAt }) => moment(createdAt) },
              ]}
            />
          )
        }
      </Answer>
    </Panel>
  );
}
