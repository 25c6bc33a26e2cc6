import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Engine, quoted } from '../../src/contexts/analytics/duckdb';

/**
 * An archive of years of a shop, written as the export writes it. Its shapes are those of a real one (Online Retail, UCI, its first
 * nine months): products in a basket, popularity by tenths of the range, guests, and how unevenly customers buy. The first half of
 * the lines is past orders, the second the shop's own, each of these twice: as it was confirmed and as it was dispatched. With three
 * in ten of these a coupon is typed in, out of which one shopper in ten is held. Events of visitors come to half of the lines. The
 * same for the same number of lines.
 */
export interface ArchiveSize {
  readonly lines: number;
  readonly skus: readonly string[];
  /** Ids of the products of these skus. */
  readonly products: readonly string[];
}

/** Distinct products of a basket: a share of the baskets has at most so many. */
const BASKETS = [
  ...[
    [0, 1],
    [0.05, 1],
    [0.1, 2],
    [0.25, 6],
    [0.5, 15],
    [0.75, 28],
  ],
  ...[
    [0.9, 49],
    [0.95, 71],
    [0.99, 202],
    [0.999, 519],
    [1, 1100],
  ],
] as const;
/** The mean of these. */
const PER_BASKET = 27.07;
/** Of the lines, what each tenth of the products has, the best first. */
const POPULARITY = [0.45, 0.1937, 0.1256, 0.0866, 0.0589, 0.039, 0.0241, 0.0137, 0.0065, 0.002];
const COUNTRIES = ['GB', 'DE', 'FR', 'IE', 'BE', 'ES', 'NL', 'AU', 'CH', 'PT', 'SE', 'FI'];
const MONTHS = 12;
const FIRST = { past: '2023-01-01', shop: '2024-01-01' } as const;

/** A number from 0 to 1 out of integers: the same for the same. */
const chance = (salt: string, ...of: string[]): string =>
  `(hash(${[...of, quoted(salt)].join(', ')}) / 18446744073709551616.0)`;

/** Where `u` falls on a line through points: SQL. */
function between(u: string, points: readonly (readonly [number, number])[]): string {
  const pieces = points.slice(1).map(([share, value], n) => {
    const [from, least] = points[n] as readonly [number, number];
    return `when ${u} <= ${share} then ${least} + ${(value - least) / (share - from)} * (${u} - ${from})`;
  });
  return `case ${pieces.join(' ')} else ${points.at(-1)?.[1]} end`;
}

function itemOf(u: string, products: number): string {
  let sum = 0;
  const points = POPULARITY.map((share, n) => {
    const from = sum;
    sum += share;
    // Within the first tenth the first few stand out.
    const place = n === 0 ? `pow(${u} / ${share}, 1.4)` : `(${u} - ${from}) / ${share}`;
    return `when ${u} < ${sum} then ${n} + ${place}`;
  });
  return `least(${products - 1}, floor((case ${points.join(' ')} else 9.99 end) * ${products / 10}))::integer`;
}

/** Writes the archive into a folder, month after month. */
export async function writeArchive(
  folder: string,
  { lines, skus, products }: ArchiveSize,
  onProgress: (sentence: string) => void,
): Promise<void> {
  const engine = await Engine.open({
    file: ':memory:',
    memoryMb: 3_000,
    threads: 2,
    spill: path.join(folder, 'spill'),
  });
  const archive = path.join(folder, 'archive');
  const baskets = Math.max(1, Math.round(lines / PER_BASKET / (2 * MONTHS)));
  try {
    await engine.run(`create table goods as select row_number() over () - 1 as item, sku, id, 50 + hash(sku) % 2000 as price
      from (select unnest([${skus.map(quoted).join()}]) as sku, unnest([${products.map(quoted).join()}]) as id)`);
    for (const kind of ['past', 'shop'] as const)
      for (let month = 0; month < MONTHS; month++) {
        onProgress(`generating ${kind === 'past' ? 'past orders' : 'orders'}, month ${month + 1} of ${MONTHS}`);
        await writeMonth(engine, archive, { kind, month, baskets, products: skus.length, lines });
      }
    onProgress('generating who typed in a coupon');
    await writeCoupon(engine, archive);
    for (let month = 0; month < MONTHS; month++) {
      onProgress(`generating events, month ${month + 1} of ${MONTHS}`);
      await writeEvents(engine, archive, month, Math.round(lines / 2 / MONTHS / EVENTS_A_SESSION));
    }
  } finally {
    engine.close();
  }
}

interface Month {
  readonly kind: keyof typeof FIRST;
  readonly month: number;
  readonly baskets: number;
  readonly products: number;
  readonly lines: number;
}

async function writeMonth(
  engine: Engine,
  archive: string,
  { kind, month, baskets, products, lines }: Month,
): Promise<void> {
  const n = `(${kind === 'past' ? 0 : 1} * 100000000 + ${month} * 5000000 + basket)`;
  const customers = Math.max(10, Math.round(lines / PER_BASKET / 8));
  const start = `timestamp ${quoted(FIRST[kind])} + interval ${month} month`;
  await engine.run(`create or replace temp table bought as
    with orders as (
      select ${n} as number, ${start} + interval 1 minute * floor(${chance('time', n)} * 60 * 24 * 28)::integer as moment,
        case when ${chance('guest', n)} > 0.08 then floor(${customers} * pow(${chance('who', n)}, 2))::integer end as customer,
        (${between(chance('size', n), BASKETS)})::integer as size
      from range(${baskets}) as of(basket)
    ),
    drawn as (
      select number, moment, customer, line, ${itemOf(chance('item', 'number', 'line'), products)} as item,
        1 + floor(12 * pow(${chance('units', 'number', 'line')}, 3))::integer as quantity,
        list_extract([${COUNTRIES.map(quoted).join()}], 1 + floor(${COUNTRIES.length} * pow(${chance('where', 'number')}, 12))::integer) as country
      from (select number, moment, customer, unnest(range(size))::integer as line from orders)
    )
    select number, moment, customer, line, quantity, country, sku,
      greatest(1, round(price * (0.8 + 0.1 * floor(5 * ${chance('price', 'sku', "date_trunc('week', moment)")}))))::bigint as price
    from drawn join goods using (item)`);
  if (kind === 'past') {
    const cancelled = `${chance('cancelled', 'number')} < 0.05`;
    await copy(
      engine,
      archive,
      'past_order_lines',
      `strftime(moment, '%Y-%m') as "month"`,
      `
      select number || '-' || line as id, 'bench' as source, case when ${cancelled} then 'cancellation' else 'sale' end as kind,
        'I' || number as invoice, sku, true as is_product, 'Description of ' || sku as description,
        case when ${cancelled} then -quantity else quantity end as quantity,
        case when ${cancelled} then -1 else 1 end * quantity * price as amount,
        price::decimal(20, 6) as unit_price, 'GBP' as currency, moment as ordered_at, 'C' || customer as customer, country, moment`,
    );
    return;
  }
  const shopper = `coalesce('C' || customer, 'cart-' || number)`;
  const row = (version: number, state: string): string => `
    select 'ord_' || number as order_id, ${version} as version, line + 1 as line, ${state} as state, 'C' || customer as customer, country,
      null::varchar as region, moment as placed_at, sku, quantity, price as unit_amount, quantity * price as subtotal, 0::bigint as discount,
      round(quantity * price * 0.2)::bigint as tax, round(quantity * price * 1.2)::bigint as total, 'GBP' as currency,
      ${shopper} as shopper, case when ${typed("('ord_' || number)")} and not ${held(shopper)} then '${COUPON}' end as coupon_id,
      case when ${typed("('ord_' || number)")} and not ${held(shopper)} then 500 else 0 end::bigint as coupon_discount, moment`;
  const last = `case when ${chance('cancelled', 'number')} < 0.05 then 'cancelled' else 'dispatched' end`;
  await copy(
    engine,
    archive,
    'order_lines',
    `strftime(moment, '%Y-%m-%d') as "day"`,
    `${row(2, "'confirmed'")} from bought union all ${row(4, last)}`,
  );
}

const COUPON = 'cpn_bench';
/** SQL: whether an order was placed after the coupon was typed in, and whether a shopper is held out of it. */
const typed = (order: string): string => `(${chance('coupon', order)} < 0.3)`;
const held = (shopper: string): string => `(${chance('held', shopper)} < 0.1)`;

/** The coupon, and who typed it in, out of the orders that are written. */
async function writeCoupon(engine: Engine, archive: string): Promise<void> {
  const begun = `timestamp ${quoted(FIRST.shop)}`;
  await copy(
    engine,
    archive,
    'coupon_holdouts',
    `strftime(moment, '%Y-%m') as "month"`,
    `select '${COUPON}' as coupon_id, 1 as version, 'BENCH' as code, 'Five pounds off' as name, 10::decimal(7, 4) as holdout_percent,
      moment as begun_at, null::timestamp as ended_at, moment`,
    `(select ${begun} as moment)`,
  );
  const orders = quoted(path.join(archive, 'order_lines', '*', '*.parquet'));
  await engine.run(`create or replace temp table bought as
    select shopper, min(placed_at) as moment from read_parquet(${orders}) where ${typed('order_id')} group by shopper`);
  await copy(
    engine,
    archive,
    'coupon_exposures',
    `strftime(moment, '%Y-%m-%d') as "day"`,
    `select 'exp_' || shopper as id, '${COUPON}' as coupon_id, shopper,
      case when ${held('shopper')} then 'holdout' else 'treated' end as variant, moment as exposed_at, moment`,
  );
}

const EVENTS_A_SESSION = 5;
const SEEN = `['view', 'view', 'click', 'add_to_cart', 'purchase', 'search', 'exposure']`;

async function writeEvents(engine: Engine, archive: string, month: number, sessions: number): Promise<void> {
  const n = `(${month} * 5000000 + session)`;
  const who = `floor(${sessions * 4} * ${chance('visitor', n)})::integer`;
  const start = `timestamp ${quoted(FIRST.shop)} + interval ${month} month`;
  await engine.run(`create or replace temp table bought as
    select ${n} as number, step, ${who} as visitor, ${start} + interval 1 second * floor(${chance('session', n)} * 60 * 60 * 24 * 28)::integer
        + interval 1 minute * step as moment,
      list_extract(${SEEN}, 1 + floor(7 * ${chance('type', n, 'step')})::integer) as type,
      floor((select count(*) from goods) * pow(${chance('product', n, 'step')}, 2))::integer as item
    from range(${sessions}) as of(session), range(${EVENTS_A_SESSION}) as steps(step)`);
  const only = (type: string, value: string): string => `case when type = '${type}' then ${value} end`;
  await copy(
    engine,
    archive,
    'events',
    `strftime(moment, '%Y-%m-%d') as "day"`,
    `
    select 'evt_' || number || '-' || step as id, type, moment as occurred_at, moment as received_at, 'vis_' || visitor as visitor_id,
      case when type in ('view', 'click', 'add_to_cart') then id end as product_id,
      ${only('purchase', `'' || (100000000 + ${month} * 5000000 + number % 1000)`)} as order_id,
      ${only('search', `'words ' || (item % 500)`)} as query, ${only('search', `item % 5`)}::integer as results,
      null::integer as position, null::integer as quantity, null::varchar as slot, ${only('exposure', `'holdout-of-a-coupon'`)} as experiment,
      ${only('exposure', `case when hash(visitor) % 2 = 0 then 'holdout' else 'shown' end`)} as variant, moment`,
    'bought join goods using (item)',
  );
}

let parts = 0;
async function copy(
  engine: Engine,
  archive: string,
  dataset: string,
  folder: string,
  rows: string,
  from = 'bought',
): Promise<void> {
  const home = path.join(archive, dataset);
  await mkdir(home, { recursive: true });
  const name = /"(\w+)"$/.exec(folder)?.[1] ?? '';
  await engine.run(`copy (select * exclude (moment), ${folder} from (${rows} from ${from})) to ${quoted(home)}
    (format parquet, compression zstd, partition_by ("${name}"), overwrite_or_ignore, filename_pattern 'part-${String(++parts).padStart(9, '0')}-{i}')`);
}
