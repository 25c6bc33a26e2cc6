import { count, month, percent } from '../figures';
import type { CohortRow } from '../types';

/** Cohorts by month, how many of each came back so many months later: a table whose cells are the darker the more. */
export function Heatmap({ rows }: { readonly rows: readonly CohortRow[] }) {
  const cohorts = [...new Set(rows.map(({ cohort }) => cohort))];
  const most = Math.max(0, ...rows.map(({ offsetMonths }) => offsetMonths));
  const offsets = Array.from({ length: most + 1 }, (_, offset) => offset);
  const at = new Map(rows.map((row) => [`${row.cohort} ${row.offsetMonths}`, row]));
  return (
    <div className="table-frame" role="region" aria-label="Retention by cohort" tabIndex={0}>
      <table className="table heatmap">
        <caption className="sr-only">
          Of the customers who first bought in a month, the share that bought so many months later
        </caption>
        <thead>
          <tr>
            <th scope="col">First purchase</th>
            <th scope="col" className="numeric">
              Customers
            </th>
            {offsets.map((offset) => (
              <th key={offset} scope="col" className="numeric">
                <span className="sr-only">After </span>
                {offset}
                <span className="sr-only"> months</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map((cohort) => (
            <tr key={cohort}>
              <th scope="row">{month(cohort)}</th>
              <td className="numeric">{count(at.get(`${cohort} 0`)?.customers ?? 0)}</td>
              {offsets.map((offset) => {
                const cell = at.get(`${cohort} ${offset}`);
                // Never so dark that the figure in it could not be read: 40 % of the colour at most.
                const shade = cell ? Math.round(40 * Math.min(1, cell.retention * (offset === 0 ? 1 : 1.6))) : 0;
                return (
                  <td
                    key={offset}
                    className="numeric"
                    style={{ background: `color-mix(in srgb, var(--color-link) ${shade}%, var(--color-surface))` }}
                  >
                    {cell ? percent(cell.retention) : ''}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
