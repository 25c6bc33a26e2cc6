import type { Money } from '../../../../src/kernel/money';
import { useAdmin } from '../access';
import { count, money, percent } from '../figures';
import { DataTable } from '../parts/DataTable';
import { Answer, Nothing, Panel } from '../parts/Panel';
import type { CouponUpliftRow, Report } from '../types';

/** What coupons of which some are held out have brought. */
export function CouponsPanel() {
  const coupons = useAdmin<Report<CouponUpliftRow>>('analytics/coupon-uplift?limit=30');
  return (
    <Panel
      title="What coupons bring"
      about="Shoppers who typed a coupon in and got it, beside those who were held out of it. Where an interval of 95 % holds 0, nothing is shown."
      files={{ path: 'analytics/coupon-uplift', name: 'coupon-uplift', formats: ['csv', 'parquet'] }}
      wide
    >
      <Answer query={coupons}>
        {({ data, note }) =>
          data.length === 0 ? (
            <Nothing note={note ?? 'No coupon with a holdout has been typed in.'} />
          ) : (
            <>
              {data.some((row) => row.sampleRatioMismatch) && (
                <p className="font-semibold text-alert">
                  Who was counted does not fit the share that is held out:{' '}
                  {[...new Set(data.flatMap((row) => (row.sampleRatioMismatch ? [row.code] : [])))].join(', ')}. Find
                  out why before believing any difference.
                </p>
              )}
              <DataTable
                caption="Coupons with a holdout"
                rows={data}
                keyOf={({ couponId, treatedRevenue }) => `${couponId} ${treatedRevenue?.currency}`}
                columns={[
                  { title: 'Coupon', cell: ({ code }) => code },
                  { title: 'Got it', cell: ({ treated }) => count(treated), numeric: true },
                  { title: 'Held out', cell: ({ heldOut }) => count(heldOut), numeric: true },
                  { title: 'Bought', cell: (row) => shareOf(row.treatedConversion), numeric: true },
                  { title: 'Bought, held out', cell: (row) => shareOf(row.heldOutConversion), numeric: true },
                  { title: 'Uplift', cell: upliftOf, numeric: true },
                  { title: 'Revenue each', cell: (row) => sumOf(row.treatedRevenuePerShopper), numeric: true },
                  { title: 'Each, held out', cell: (row) => sumOf(row.heldOutRevenuePerShopper), numeric: true },
                  { title: 'Given away', cell: ({ discount }) => sumOf(discount), numeric: true },
                  { title: 'Net', cell: netOf, numeric: true },
                ]}
              />
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

const shareOf = (share: number | null): string => (share === null ? '' : percent(share, 1));
const sumOf = (sum: Money | null): string => (sum === null ? '' : money(sum));
const between = (low: string, high: string): string => `(${low} to ${high})`;
const points = (share: number): string => (share * 100).toFixed(1);

function upliftOf({ uplift, upliftLow, upliftHigh }: CouponUpliftRow): string {
  if (uplift === null || upliftLow === null || upliftHigh === null) return '';
  return `${points(uplift)} points ${between(points(upliftLow), points(upliftHigh))}`;
}

function netOf({ net, netLow, netHigh }: CouponUpliftRow): string {
  if (net === null) return '';
  return netLow === null || netHigh === null ? money(net) : `${money(net)} ${between(money(netLow), money(netHigh))}`;
}
