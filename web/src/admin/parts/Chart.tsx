import type { ReactNode } from 'react';
import {
  Area,
  Bar,
  BarChart,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';

/** Charts are pictures of a table that stands beneath them: they take no focus, and a screen reader passes over them. */
function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <div aria-hidden="true" className="chart">
      <ResponsiveContainer width="100%" height="100%">
        {children}
      </ResponsiveContainer>
    </div>
  );
}

const AXIS = {
  stroke: 'var(--color-muted)',
  tick: { fill: 'var(--color-muted)', fontSize: 12 },
  tickLine: false,
} as const;
const TIP = {
  contentStyle: {
    background: 'var(--color-surface)',
    border: '1px solid var(--color-line)',
    color: 'var(--color-ink)',
  },
  itemStyle: { color: 'var(--color-ink)' },
  isAnimationActive: false,
} as const;
const GRID = <CartesianGrid stroke="var(--color-line)" vertical={false} />;
const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 };

interface Point {
  readonly label: string;
  readonly value?: number;
}

interface ChartProps {
  readonly points: readonly Point[];
  readonly name: string;
  readonly show: (value: number) => string;
}

export function Bars({ points, name, show }: ChartProps) {
  return (
    <Frame>
      <BarChart data={[...points]} accessibilityLayer={false} margin={MARGIN}>
        {GRID}
        <XAxis dataKey="label" {...AXIS} interval="preserveStartEnd" />
        <YAxis {...AXIS} width={64} tickFormatter={(value) => show(Number(value))} />
        <Tooltip {...TIP} formatter={(value) => show(Number(value))} cursor={{ fill: 'var(--color-tint)' }} />
        <Bar dataKey="value" name={name} fill="var(--color-link)" isAnimationActive={false} />
      </BarChart>
    </Frame>
  );
}

export interface ForecastPoint extends Point {
  readonly forecast?: number;
  readonly band80?: readonly [number, number];
  readonly band95?: readonly [number, number];
}

interface ForecastChartProps extends Omit<ChartProps, 'points'> {
  readonly points: readonly ForecastPoint[];
}

/** What was, and what is expected with its intervals: the darker band is the narrower. */
export function ForecastChart({ points, name, show }: ForecastChartProps) {
  const text = (value: unknown): string =>
    Array.isArray(value) ? `${show(Number(value[0]))} – ${show(Number(value[1]))}` : show(Number(value));
  const line = { type: 'linear', dot: false, strokeWidth: 2, isAnimationActive: false } as const;
  const band = { type: 'linear', stroke: 'none', fill: 'var(--color-link)', isAnimationActive: false } as const;
  return (
    <Frame>
      <ComposedChart data={[...points]} accessibilityLayer={false} margin={MARGIN}>
        {GRID}
        <XAxis dataKey="label" {...AXIS} minTickGap={40} />
        <YAxis {...AXIS} width={64} tickFormatter={(value) => show(Number(value))} />
        <Tooltip {...TIP} formatter={text} />
        <Area {...band} dataKey="band95" name="95 %" fillOpacity={0.15} activeDot={false} />
        <Area {...band} dataKey="band80" name="80 %" fillOpacity={0.25} activeDot={false} />
        <Line {...line} dataKey="value" name={name} stroke="var(--color-ink)" />
        <Line {...line} dataKey="forecast" name="Forecast" stroke="var(--color-link)" strokeDasharray="6 4" />
      </ComposedChart>
    </Frame>
  );
}
