import { useAdmin } from '../access';
import { count, day, money, percent, words } from '../figures';
import { Bars } from '../parts/Chart';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { CategoryRow, FunnelRow, PairRow, Report, SearchRow } from '../types';
import { CouponsPanel } from './Coupons';

export function Shopping() {
  const funnel = useAdmin<Report<FunnelRow>>('analytics/funnel?by=total');
  const searches = useAdmin<Report<SearchRow>>('analytics/searches-without-results?limit=20');
  const categories = useAdmin<Report<CategoryRow>>('analytics/categories?limit=30');
  const pairs = useAdmin<Report<PairRow>>('analytics/affinity?limit=20');
  return (
    <div className="panels">
      <Panel
        title="How far visits come"
        about="Sessions that agreed to be counted."
        files={{ path: 'analytics/funnel', name: 'funnel', formats: ['csv', 'parquet'] }}
      >
        <Answer query={funnel}>
          {({ data: [total], note }) => (total ? <Steps total={total} /> : <Nothing note={note} />)}
        </Answer>
      </Panel>
      <Panel
        title="Looked for and not found"
        files={{ path: 'analytics/searches-without-results', name: 'searches', formats: ['csv', 'parquet'] }}
      >
        <Answer query={searches}>
          {({ data, note }) =>
            data.length === 0 ? (
              <Nothing note={note} />
            ) : (
              <DataTable
                caption="Searches without results"
                rows={data}
                keyOf={({ query }) => query}
                columns={[
                  { title: 'Words', cell: ({ query }) => query },
                  { title: 'Searches', cell: (row) => count(row.searches), numeric: true },
                  { title: 'Visitors', cell: ({ visitors }) => count(visitors), numeric: true },
                  { title: 'Last', cell: ({ lastDay }) => day(lastDay), numeric: true },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
      <CouponsPanel />
      <Panel
        title="Categories"
        about="The last 180 days of the data, beside the 180 before."
        files={{ path: 'analytics/categories', name: 'categories', formats: ['csv', 'parquet'] }}
        wide
      >
        <Answer query={categories}>
          {({ data, note }) =>
            data.length === 0 ? (
              <Nothing note={note} />
            ) : (
              <DataTable
                caption="Categories"
                rows={data}
                keyOf={({ category, revenue }) => `${category} ${revenue.currency}`}
                columns={[
                  { title: 'Category', cell: ({ category }) => category },
                  { title: 'Role', cell: ({ role }) => words(role) },
                  { title: 'Revenue', cell: ({ revenue }) => money(revenue), numeric: true },
                  { title: 'Share', cell: ({ share }) => percent(share, 1), numeric: true },
                  { title: 'Growth', cell: ({ growth }) => (growth === null ? '' : percent(growth)), numeric: true },
                  { title: 'Customers', cell: ({ customers }) => count(customers), numeric: true },
                  { title: 'Of all', cell: ({ penetration }) => percent(penetration), numeric: true },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
      <Panel
        title="Bought together"
        about="Lift is how many times as often as if the two had nothing to do with each other."
        files={{ path: 'analytics/affinity', name: 'affinity', formats: ['csv', 'parquet'] }}
        wide
      >
        <Answer query={pairs}>
          {({ data, note }) =>
            data.length === 0 ? (
              <Nothing note={note} />
            ) : (
              <DataTable
                caption="What is bought together"
                rows={data}
                keyOf={({ antecedent, consequent }) => `${antecedent} ${consequent}`}
                columns={[
                  { title: 'Who buys', cell: ({ antecedent }) => antecedent },
                  { title: 'Also buys', cell: ({ consequent }) => consequent },
                  { title: 'Baskets', cell: ({ baskets }) => count(baskets), numeric: true },
                  { title: 'Confidence', cell: ({ confidence }) => percent(confidence), numeric: true },
                  { title: 'Lift', cell: ({ lift }) => lift.toFixed(1), numeric: true },
                ]}
              />
            )
          }
        </Answer>
      </Panel>
    </div>
  );
}

function Steps({ total }: { readonly total: FunnelRow }) {
  const { sessions, viewed, added, purchased } = total;
  const steps = [
    { step: 'Came', sessions, before: sessions },
    { step: 'Looked at something', sessions: viewed, before: sessions },
    { step: 'Put it into the basket', sessions: added, before: viewed },
    { step: 'Bought', sessions: purchased, before: added },
  ];
  return (
    <>
      <Bars
        points={steps.map(({ step, ...of }) => ({ label: step, value: of.sessions }))}
        name="Sessions"
        show={count}
      />
      <DataTable
        caption="Sessions by how far they came"
        rows={steps}
        keyOf={({ step }) => step}
        columns={[
          { title: 'Step', cell: ({ step }) => step },
          { title: 'Sessions', cell: (row) => count(row.sessions), numeric: true },
          {
            title: 'Of the step before',
            cell: (row) => (row.before === 0 ? '' : percent(row.sessions / row.before, 1)),
            numeric: true,
          },
        ]}
      />
    </>
  );
}
