import { useAdmin } from '../access';
import { count, day, money, percent, sum, words } from '../figures';
import { Bars } from '../parts/Chart';
import { DataTable, Figures } from '../parts/DataTable';
import { Heatmap } from '../parts/Heatmap';
import { ModelNote } from '../parts/ModelNote';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { Churn, CohortRow, LifetimeValues, Report, SegmentRow } from '../types';

export function Customers() {
  const segments = useAdmin<Report<SegmentRow>>('analytics/segments');
  const cohorts = useAdmin<Report<CohortRow>>('analytics/cohorts?limit=1000');
  const values = useAdmin<LifetimeValues>('analytics/clv?limit=10');
  const churn = useAdmin<Churn>('analytics/churn?limit=10');
  return (
    <div className="panels">
      <Panel
        title="Segments"
        about="By how lately, how often and for how much customers bought."
        files={{ path: 'analytics/segments', name: 'segments', formats: ['csv', 'parquet'] }}
        wide
      >
        <Answer query={segments}>
          {({ data, note }) => (data.length === 0 ? <Nothing note={note} /> : <Segments rows={data} />)}
        </Answer>
      </Panel>
      <Panel
        title="Who comes back"
        about="Of the customers who first bought in a month, the share that bought again so many months later."
        files={{ path: 'analytics/cohorts', name: 'cohorts', formats: ['csv', 'parquet'] }}
        wide
      >
        <Answer query={cohorts}>
          {({ data, note }) => (data.length === 0 ? <Nothing note={note} /> : <Heatmap rows={data} />)}
        </Answer>
      </Panel>
      <Panel
        title="What customers will be worth"
        files={{ path: 'analytics/clv', name: 'clv', formats: ['csv', 'parquet'] }}
      >
        <Answer query={values}>{(answer) => <Values answer={answer} />}</Answer>
      </Panel>
      <Panel title="Who is about to go" files={{ path: 'analytics/churn', name: 'churn', formats: ['csv', 'parquet'] }}>
        <Answer query={churn}>{(answer) => <Going answer={answer} />}</Answer>
      </Panel>
    </div>
  );
}

function Segments({ rows }: { readonly rows: readonly SegmentRow[] }) {
  const whole = sum(rows.map(({ monetary }) => monetary.amount));
  return (
    <>
      <Bars
        points={rows.map(({ segment, customers }) => ({ label: words(segment), value: customers }))}
        name="Customers"
        show={count}
      />
      <DataTable
        caption="Segments of customers"
        rows={rows}
        keyOf={({ segment, monetary }) => `${segment} ${monetary.currency}`}
        columns={[
          { title: 'Segment', cell: ({ segment }) => words(segment) },
          { title: 'Customers', cell: ({ customers }) => count(customers), numeric: true },
          { title: 'Share', cell: ({ share }) => percent(share), numeric: true },
          { title: 'Spent', cell: ({ monetary }) => money(monetary), numeric: true },
          { title: 'Of all', cell: ({ monetary }) => percent(monetary.amount / Math.max(1, whole)), numeric: true },
          { title: 'Last bought', cell: ({ recencyDays }) => `${count(recencyDays)} days ago`, numeric: true },
          { title: 'Orders each', cell: ({ frequency }) => frequency.toFixed(1), numeric: true },
        ]}
      />
    </>
  );
}

function Values({ answer: { model, summary, data, note } }: { readonly answer: LifetimeValues }) {
  if (!model || !summary) return <Nothing note={note} />;
  const best = summary.deciles[0];
  return (
    <>
      <p className="panel-about">
        {money(summary.totalValue)} from {count(summary.customers)} customers in the {summary.horizonDays} days from{' '}
        {day(model.through)} on{best ? `; ${percent(best.share)} of it from the tenth that is worth most` : ''}. They
        are likely to buy again by {percent(summary.meanProbabilityAlive)} on average.
      </p>
      <Bars
        points={summary.deciles.map(({ decile, share }) => ({ label: `${decile}.`, value: share }))}
        name="Share of the value"
        show={percent}
      />
      <Figures
        caption="Value by tenths of the customers"
        rows={summary.deciles}
        keyOf={({ decile }) => decile}
        columns={[
          { title: 'Tenth', cell: ({ decile }) => decile },
          { title: 'Customers', cell: ({ customers }) => count(customers), numeric: true },
          { title: 'Value', cell: ({ value }) => money(value), numeric: true },
          { title: 'Share', cell: ({ share }) => percent(share, 1), numeric: true },
        ]}
      />
      <DataTable
        caption="The customers who will be worth most"
        rows={data}
        keyOf={({ customer }) => customer}
        columns={[
          { title: 'Customer', cell: ({ customer }) => <Name of={customer} /> },
          { title: 'Value', cell: ({ value }) => money(value), numeric: true },
          { title: 'Purchases', cell: ({ expectedPurchases }) => expectedPurchases.toFixed(1), numeric: true },
          { title: 'Each', cell: ({ expectedSpend }) => money(expectedSpend), numeric: true },
          { title: 'Still here', cell: ({ probabilityAlive }) => percent(probabilityAlive), numeric: true },
        ]}
      />
      <ModelNote model={model} />
    </>
  );
}

function Going({ answer: { model, metrics, summary, data, note } }: { readonly answer: Churn }) {
  if (!model || !summary || !metrics) return <Nothing note={note} />;
  return (
    <>
      <p className="panel-about">
        {count(summary.expectedToChurn)} of {count(summary.customers)} customers are expected to buy nothing in the{' '}
        {summary.aheadDays} days from {day(model.through)} on.
      </p>
      <Bars
        points={summary.bands.map(({ from, to, customers }) => ({
          label: `${Math.round(from * 100)}–${percent(to)}`,
          value: customers,
        }))}
        name="Customers"
        show={count}
      />
      <Figures
        caption="Customers by how likely they are to go"
        rows={summary.bands}
        keyOf={({ from }) => from}
        columns={[
          { title: 'Likely to go', cell: ({ from, to }) => `${percent(from)} to ${percent(to)}` },
          { title: 'Customers', cell: ({ customers }) => count(customers), numeric: true },
        ]}
      />
      <DataTable
        caption="The customers who are likeliest to go"
        rows={data}
        keyOf={({ customer }) => customer}
        columns={[
          { title: 'Customer', cell: ({ customer }) => <Name of={customer} /> },
          { title: 'Likely to go', cell: ({ probability }) => percent(probability), numeric: true },
          { title: 'Last bought', cell: ({ daysSinceLast }) => `${count(daysSinceLast)} days before`, numeric: true },
        ]}
      />
      <ModelNote model={model} />
    </>
  );
}

/** A digest is long, and its beginning enough for an eye. */
const Name = ({ of }: { readonly of: string }) => (of.length > 14 ? <abbr title={of}>{of.slice(0, 12)}…</abbr> : of);
