-- Events with their session, as tracking has it: of one visitor, without a silence of more than 30 minutes between them, exposures
-- included (who was shown something was there). A session is known by its visitor and when it began.
-- @test not_null(id, visitor_id, session_at, occurred_at)
-- @test holds(session_at <= occurred_at)
with marked as (
  select id, type, occurred_at, visitor_id,
    coalesce(occurred_at - lag(occurred_at) over visits > interval 30 minutes, true) as begins
  from {{stg_events}}
  window visits as (partition by visitor_id order by occurred_at, id)
),
numbered as (
  select *, sum(begins::integer) over (partition by visitor_id order by occurred_at, id rows unbounded preceding) as number from marked
)
select id, type, occurred_at, visitor_id, min(occurred_at) over (partition by visitor_id, number) as session_at from numbered
