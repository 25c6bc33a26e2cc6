import { useEffect, useId, useRef, useState } from 'react';
import type { PriceHistogram } from '../api/types';
import { formatPrice } from '../lib/price';

interface PriceSliderProps {
  readonly histogram: PriceHistogram;
  /** Minor units; undefined: open. */
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly onChange: (least: number | undefined, most: number | undefined) => void;
}

/** A thumb on its way is not asked about; one that rests this long is. */
const SETTLED_MILLISECONDS = 250;
const HEIGHT = 48;

type Thumbs = readonly [low: number, high: number];

/** The edges between which the chosen prices lie. */
function thumbsOf(edges: readonly number[], least: number | undefined, most: number | undefined): Thumbs {
  const last = edges.length - 1;
  const above = least === undefined ? 0 : edges.findLastIndex((edge) => edge <= least);
  const below = most === undefined ? -1 : edges.findIndex((edge) => edge >= most);
  const low = Math.min(Math.max(above, 0), last - 1);
  return [low, Math.max(below < 0 ? last : below, low + 1)];
}

/** Two thumbs over a histogram. They stop at its edges, which lie closer together where prices are low. */
export function PriceSlider({ histogram, least, most, onChange }: PriceSliderProps) {
  const { edges, counts, currency } = histogram;
  const id = useId();
  const last = edges.length - 1;
  const given = thumbsOf(edges, least, most);
  // While a thumb moves it is ahead of the address.
  const [moving, setMoving] = useState<Thumbs>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What else is chosen while a thumb comes to rest is in the newest of these, and would be undone by an older one.
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => setMoving(undefined), [least, most]);
  if (last < 1) return null;
  const [low, high] = moving ?? given;

  const move = (thumbs: Thumbs): void => {
    setMoving(thumbs);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setMoving(undefined);
      const [from, to] = thumbs;
      latest.current(from === 0 ? undefined : edges[from], to === last ? undefined : edges[to]);
    }, SETTLED_MILLISECONDS);
  };
  const price = (edge: number): string => formatPrice({ amount: edges[edge] ?? 0, currency });
  const highest = Math.max(...counts);
  return (
    <fieldset className="facet">
      <legend className="facet-title">Price</legend>
      <div className="price-slider">
        <svg
          className="price-bars"
          viewBox={`0 0 ${counts.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          focusable="false"
        >
          {counts.map((count, bin) => {
            // A bin with few products among hundreds is still seen to have some.
            const height = count === 0 ? 0 : Math.max(2, (count / highest) * HEIGHT);
            return (
              <rect
                key={bin}
                x={bin + 0.08}
                y={HEIGHT - height}
                width={0.84}
                height={height}
                className={bin >= low && bin < high ? 'price-bar-chosen' : 'price-bar'}
              />
            );
          })}
        </svg>
        <svg className="price-track" viewBox={`0 0 ${last} 1`} preserveAspectRatio="none" aria-hidden="true">
          <rect x={0} y={0} width={last} height={1} className="price-bar" />
          <rect x={low} y={0} width={high - low} height={1} className="price-bar-chosen" />
        </svg>
        <input
          id={`${id}-least`}
          type="range"
          className="price-thumb"
          aria-label="Lowest price"
          aria-valuetext={low === 0 ? `${price(0)}, no lower limit` : price(low)}
          min={0}
          max={last}
          step={1}
          value={low}
          onChange={(event) => move([Math.min(event.target.valueAsNumber, high - 1), high])}
        />
        <input
          id={`${id}-most`}
          type="range"
          className="price-thumb"
          aria-label="Highest price"
          aria-valuetext={high === last ? `${price(last)}, no upper limit` : price(high)}
          min={0}
          max={last}
          step={1}
          value={high}
          onChange={(event) => move([low, Math.max(event.target.valueAsNumber, low + 1)])}
        />
      </div>
      <p className="price-span">
        <span>{price(low)}</span>
        <span>{price(high)}</span>
      </p>
    </fieldset>
  );
}
