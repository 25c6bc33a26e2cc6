-- How far the sessions of each day came: something looked at, then put into the cart, then bought, in this order and within the
-- session. A session belongs to the day it began, UTC.
-- @until last_event_at
-- @test unique(day)
-- @test holds(sessions >= viewed and viewed >= added and added >= purchased and purchased >= 0)
with viewed as (
  select visitor_id, session_at, max(occurred_at) as last_event_at,
    min(occurred_at) filter (where type in ('view', 'click')) as viewed_at
  from {{int_visits}} group by visitor_id, session_at
),
added as (
  select visitor_id, session_at, any_value(viewed_at) as viewed_at, any_value(last_event_at) as last_event_at,
    min(occurred_at) filter (where type = 'add_to_cart' and occurred_at >= viewed_at) as added_at
  from viewed join {{int_visits}} as visit using (visitor_id, session_at) group by visitor_id, session_at
),
bought as (
  select visitor_id, session_at, any_value(viewed_at) as viewed_at, any_value(last_event_at) as last_event_at,
    any_value(added_at) as added_at, min(occurred_at) filter (where type = 'purchase' and occurred_at >= added_at) as purchased_at
  from added join {{int_visits}} as visit using (visitor_id, session_at) group by visitor_id, session_at
)
select session_at::date as day, count(*)::integer as sessions, count(distinct visitor_id)::integer as visitors,
  count(viewed_at)::integer as viewed, count(added_at)::integer as added, count(purchased_at)::integer as purchased,
  max(last_event_at) as last_event_at
from bought group by all order by day
