import type { Money } from '../../../../src/kernel/money';
import { useAdmin } from '../access';
import { count, day, money, month, percent, sum } from '../figures';
import { Bars, ForecastChart, type ForecastPoint } from '../parts/Chart';
import { Figures } from '../parts/DataTable';
import { ModelNote } from '../parts/ModelNote';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { Forecast, Report, RevenueRow } from '../types';

export function Overview() {
  const months = useAdmin<Report<RevenueRow>>('analytics/revenue?by=month&limit=1000');
  const forecast = useAdmin<Forecast>('analytics/forecast');
  return (
    <div className="panels">
      <Panel title="The last month" wide>
        <Answer query={months}>{(report) => <LastMonth report={report} />}</Answer>
      </Panel>
      <Panel
        title="Revenue by month"
        about="Orders that were not cancelled, guests included."
        files={{ path: 'analytics/revenue?by=month', name: 'revenue', formats: ['csv', 'parquet'] }}
        wide
      >
        <Answer query={months}>{(report) => <ByMonth report={report} />}</Answer>
      </Panel>
      <Panel
        title="Revenue of the next weeks"
        about="The dashed line is the forecast; the bands hold 80&nbsp;% and 95&nbsp;% of what may come."
        files={{ path: 'analytics/forecast', name: 'forecast', formats: ['csv', 'parquet'] }}
        wide
      >
        <Answer query={forecast}>{(ahead) => <Ahead forecast={ahead} />}</Answer>
      </Panel>
    </div>
  );
}

/** One currency at a time: the one that most is sold in. */
function ownCurrency(rows: readonly RevenueRow[]): readonly RevenueRow[] {
  const counts = new Map<string, number>();
  for (const { revenue } of rows) counts.set(revenue.currency, (counts.get(revenue.currency) ?? 0) + 1);
  const [most] = [...counts].sort(([, left], [, right]) => right - left);
  return rows.filter(({ revenue }) => revenue.currency === most?.[0]);
}

const total = ({ revenue, guestRevenue }: RevenueRow): Money => ({
  ...revenue,
  amount: revenue.amount + guestRevenue.amount,
});

const paidBack = ({ refunded, guestRefunded }: RevenueRow): Money => ({
  ...refunded,
  amount: refunded.amount + guestRefunded.amount,
});
const net = (row: RevenueRow): Money => ({ ...row.revenue, amount: total(row).amount - paidBack(row).amount });

function LastMonth({ report }: { readonly report: Report<RevenueRow> }) {
  const [before, last] = ownCurrency(report.data).slice(-2);
  const now = last ?? before;
  if (!now) return <Nothing note={report.note} />;
  const orders = (row: RevenueRow): number => row.orders + row.guestOrders;
  const mean = (row: RevenueRow): number => total(row).amount / Math.max(1, orders(row));
  const figures: readonly [string, string, (row: RevenueRow) => number][] = [
    ['Revenue', money(total(now)), (row) => total(row).amount],
    ['Orders', count(orders(now)), orders],
    ['Known customers', count(now.customers), (row) => row.customers],
    ['An order, on average', money({ ...now.revenue, amount: Math.round(mean(now)) }), mean],
  ];
  return (
    <>
      <p className="panel-about">
        {month(String(now.month))}
        {last && before ? `, beside ${month(String(before.month))}` : ''}
        {report.run?.dataUntil ? `; the data ends on ${day(report.run.dataUntil)}.` : '.'}
      </p>
      <dl className="kpis">
        {figures.map(([name, value, of]) => (
          <div key={name} className="kpi">
            <dt>{name}</dt>
            <dd>
              <strong>{value}</strong>
              {last && before && <Change now={of(last)} before={of(before)} />}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Change({ now, before }: { readonly now: number; readonly before: number }) {
  if (before === 0) return null;
  const share = now / before - 1;
  return (
    <span className={share < 0 ? 'text-alert' : 'text-good'}>
      {share < 0 ? '▼ ' : '▲ '}
      <span className="sr-only">{share < 0 ? 'down ' : 'up '}</span>
      {percent(Math.abs(share), 1)}
    </span>
  );
}

function ByMonth({ report }: { readonly report: Report<RevenueRow> }) {
  const rows = ownCurrency(report.data);
  const [first] = rows;
  if (!first) return <Nothing note={report.note} />;
  const currency = first.revenue.currency;
  return (
    <>
      <Bars
        points={rows.map((row) => ({ label: month(String(row.month)), value: total(row).amount }))}
        name="Revenue"
        show={(amount) => short({ amount, currency })}
      />
      <Figures
        caption="Revenue by month"
        rows={rows}
        keyOf={(row) => String(row.month)}
        columns={[
          { title: 'Month', cell: (row) => month(String(row.month)) },
          { title: 'Revenue', cell: (row) => money(total(row)), numeric: true },
          { title: 'Of guests', cell: (row) => money(row.guestRevenue), numeric: true },
          { title: 'Paid back', cell: (row) => money(paidBack(row)), numeric: true },
          { title: 'Net', cell: (row) => money(net(row)), numeric: true },
          { title: 'Orders', cell: (row) => count(row.orders + row.guestOrders), numeric: true },
          { title: 'Customers', cell: (row) => count(row.customers), numeric: true },
        ]}
      />
    </>
  );
}

/** `£1.2m`: what fits beside an axis. */
function short({ amount, currency }: Money): string {
  const units = amount / 100;
  const sign = money({ amount: 0, currency }).replace(/[\d.,\s]/g, '');
  if (Math.abs(units) >= 1e6) return `${sign}${Number((units / 1e6).toFixed(2))}m`;
  return Math.abs(units) >= 1e3 ? `${sign}${Number((units / 1e3).toFixed(1))}k` : `${sign}${Math.round(units)}`;
}

/** So many days before the forecast are shown with it. */
const DAYS_BEFORE = 60;

function Ahead({ forecast: { model, metrics, data, note } }: { readonly forecast: Forecast }) {
  const [first] = data;
  if (!model || !metrics || !first) return <Nothing note={note} />;
  const currency = first.amount.currency;
  return (
    <>
      <p className="panel-about">
        {money({ amount: sum(data.map(({ amount }) => amount.amount)), currency })} in {data.length} days. In{' '}
        {metrics.origins} trials on the past it was off by {percent(metrics.model.meanAbsolutePercentageError)} a day,
        where the same weekday of the week before was off by{' '}
        {percent(metrics.seasonalNaive.meanAbsolutePercentageError)}. Of the days in the later half of them{' '}
        {percent(metrics.coverage80)} fell within the band of 80&nbsp;%, {percent(metrics.coverage95)} within that of
        95&nbsp;%.
      </p>
      <BeforeAndAfter data={data} currency={currency} start={first.date} />
      <ModelNote model={model} />
      <Figures
        caption="Forecast of revenue"
        rows={data}
        keyOf={({ date }) => date}
        columns={[
          { title: 'Day', cell: ({ date }) => day(date) },
          { title: 'Forecast', cell: ({ amount }) => money(amount), numeric: true },
          { title: '80 %', cell: ({ lower80, upper80 }) => `${money(lower80)} – ${money(upper80)}`, numeric: true },
          { title: '95 %', cell: ({ lower95, upper95 }) => `${money(lower95)} – ${money(upper95)}`, numeric: true },
        ]}
      />
    </>
  );
}

interface BeforeAndAfterProps {
  readonly data: Forecast['data'];
  readonly currency: string;
  readonly start: string;
}

function BeforeAndAfter({ data, currency, start }: BeforeAndAfterProps) {
  const from = new Date(Date.parse(start) - DAYS_BEFORE * 86_400_000).toISOString().slice(0, 10);
  const days = useAdmin<Report<RevenueRow>>(
    `analytics/revenue?by=day&limit=1000&from=${from}&to=${start}&currency=${currency}`,
  );
  return (
    <Answer query={days}>
      {(report) => {
        const points: ForecastPoint[] = [
          ...report.data
            .filter((row) => String(row.day) < start)
            .map((row) => ({ label: day(String(row.day)), value: total(row).amount })),
          ...data.map((one) => ({
            label: day(one.date),
            forecast: one.amount.amount,
            band80: [one.lower80.amount, one.upper80.amount] as const,
            band95: [one.lower95.amount, one.upper95.amount] as const,
          })),
        ];
        return <ForecastChart points={points} name="Revenue" show={(amount) => short({ amount, currency })} />;
      }}
    </Answer>
  );
}
