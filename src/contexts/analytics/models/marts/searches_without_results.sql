-- What visitors looked for and the shop did not find, by day. The text is normalised and has lost what looks like an address or a
-- long number before it was stored.
-- @until last_at
-- @test unique(day, query)
-- @test holds(searches >= visitors and visitors >= 1 and query <> '')
select occurred_at::date as day, query, count(*)::integer as searches, count(distinct visitor_id)::integer as visitors,
  max(occurred_at) as last_at
from {{stg_events}} where type = 'search' and results = 0 and query <> '' group by all order by day, searches desc, query
