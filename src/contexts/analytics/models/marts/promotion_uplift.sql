-- What a promotion brought, against those who were held out of it: exposures to each variant of an experiment, and what the same
-- visitors bought from their first exposure on. The variant `holdout` (or `control`) is what the others are compared with. Who saw
-- several variants of one experiment counts in none. The interval is Wald's, at 95 %.
-- @until last_exposed_at
-- @test unique(experiment, variant, currency)
-- @test holds(visitors >= converted and converted >= 0)
with exposed as (
  select experiment, visitor_id, min(variant) as variant, min(occurred_at) as exposed_at
  from {{stg_events}} where type = 'exposure' group by experiment, visitor_id having count(distinct variant) = 1
),
orders as (
  select order_id, any_value(currency) as currency, sum(total - tax)::bigint as amount from {{stg_order_lines}}
  where state in ('confirmed', 'dispatching', 'dispatched') group by order_id
),
bought as (
  select distinct exposed.experiment, exposed.variant, exposed.visitor_id, 'ord_' || event.order_id as order_id
  from exposed join {{stg_events}} as event
    on event.visitor_id = exposed.visitor_id and event.type = 'purchase' and event.occurred_at >= exposed_at
),
sums as (
  select experiment, variant, currency, sum(amount)::bigint as revenue
  from bought join orders using (order_id) group by experiment, variant, currency
),
groups as (
  select experiment, variant, count(*)::integer as visitors, max(exposed_at) as last_exposed_at,
    (select count(distinct visitor_id) from bought where bought.experiment = exposed.experiment and bought.variant = exposed.variant)::integer
      as converted
  from exposed group by experiment, variant
),
held as (
  select experiment, visitors as held_visitors, converted / visitors as held_rate
  from groups where variant in ('holdout', 'control')
  qualify row_number() over (partition by experiment order by variant desc) = 1
),
rated as (select *, converted / visitors as conversion from groups left join held using (experiment))
select experiment, variant, currency, visitors, converted, conversion, coalesce(revenue, 0) as revenue,
  variant in ('holdout', 'control') as is_holdout,
  case when variant not in ('holdout', 'control') then conversion - held_rate end as uplift,
  case when variant not in ('holdout', 'control') and held_rate > 0 then conversion / held_rate - 1 end as relative_uplift,
  case when variant not in ('holdout', 'control') then conversion - held_rate - 1.96 * spread end as uplift_low,
  case when variant not in ('holdout', 'control') then conversion - held_rate + 1.96 * spread end as uplift_high,
  last_exposed_at
from (select *, sqrt(conversion * (1 - conversion) / visitors + held_rate * (1 - held_rate) / held_visitors) as spread from rated)
left join sums using (experiment, variant)
order by experiment, variant, currency
