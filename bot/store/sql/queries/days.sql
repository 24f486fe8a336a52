-- what the owner reads of a span of days; `first` and `last` are quarters of an hour, counted from the epoch

-- name: days_of_agents
SELECT agent_id AS id, SUM(sold) AS count, SUM(sales) AS sales, SUM(profit) AS profit, SUM(kwh) AS kwh,
  SUM(failed) AS failed
FROM tally_agent WHERE slot >= :first AND slot < :last GROUP BY agent_id;

-- name: days_of_denominations
SELECT denomination AS id, SUM(sold) AS count, SUM(sales) AS sales
FROM tally_denomination WHERE slot >= :first AND slot < :last GROUP BY denomination ORDER BY denomination;

-- name: days_of_slots
SELECT slot AS id, SUM(sold) AS count, SUM(sales) AS sales
FROM tally_denomination WHERE slot >= :first AND slot < :last GROUP BY slot;

-- what owners decided about late sales of these days; `cost` is what the supplier took, `kwh` in ten-thousandths
-- name: days_late
SELECT p.id, p.agent_id, p.denomination, p.confirmed_at, m.event, p.price,
  p.denomination + COALESCE(p.sold_adm, p.adm) - p.rebate AS cost,
  CAST(ROUND(CAST(REPLACE(REPLACE(p.kwh, '.', ''), ',', '.') AS REAL) * 10000) AS BIGINT) AS kwh
FROM movement m JOIN purchase p ON p.id = m.purchase_id
WHERE m.event IN ('owner: the shop''s loss', 'owner: the agent agreed to pay') AND m.created_at >= :start
  AND p.confirmed_at >= :start AND p.confirmed_at < :end
ORDER BY p.id;

-- what became of purchases of earlier days meanwhile: those that settled, and late ones that owners decided
-- name: days_corrected
SELECT id, confirmed_at, CASE state WHEN 'SUCCESS' THEN 'sold' ELSE 'failed' END AS kind,
  CASE state WHEN 'SUCCESS' THEN price ELSE 0 END AS sales,
  CASE state WHEN 'SUCCESS' THEN price - denomination - COALESCE(sold_adm, adm) + rebate ELSE 0 END AS profit
FROM purchase WHERE settled_at > confirmed_at + 60000 AND settled_at > :since AND settled_at <= :until
  AND confirmed_at < :before AND state IN ('SUCCESS', 'FAILED')
UNION ALL
SELECT p.id, p.confirmed_at, CASE m.event WHEN 'owner: the shop''s loss' THEN 'lost' ELSE 'sold' END,
  CASE m.event WHEN 'owner: the shop''s loss' THEN 0 ELSE p.price END,
  CASE m.event WHEN 'owner: the shop''s loss' THEN 0 ELSE p.price END
    - p.denomination - COALESCE(p.sold_adm, p.adm) + p.rebate
FROM movement m JOIN purchase p ON p.id = m.purchase_id
WHERE m.event IN ('owner: the shop''s loss', 'owner: the agent agreed to pay')
  AND m.created_at > :since AND m.created_at <= :until AND p.confirmed_at < :before
ORDER BY 1;

-- active agents who were there and sold nothing in so long; a late sale that its agent took is sold
-- name: days_silent
SELECT g.id, g.name FROM agent g WHERE g.state = 'active' AND g.id <> :counter AND g.created_at <= :since
  AND NOT EXISTS (SELECT 1 FROM purchase p
    WHERE p.agent_id = g.id AND p.confirmed_at >= :since AND (p.state = 'SUCCESS' OR p.state = 'LATE'
      AND EXISTS (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.event = 'owner: the agent agreed to pay')))
ORDER BY g.name, g.id;

-- what every agent has, holds and owes
-- name: days_standing
SELECT g.id, g.name, g.daily_limit AS daily_limit, a.posted AS balance, a.held AS held, COALESCE(-r.posted, 0) AS owed
FROM agent g JOIN account a ON a.id = 'agent:' || g.id LEFT JOIN account r ON r.id = 'receivable:' || g.id
WHERE g.id <> :counter ORDER BY g.name, g.id;

-- name: days_tickets
SELECT COUNT(*) FROM ticket WHERE state = 'waiting' AND state IN ('open', 'waiting');

-- name: days_notes
SELECT COUNT(*) FROM note WHERE noted_at >= :start AND noted_at < :end;

-- failed purchases of these days, newest first
-- name: days_failed
SELECT * FROM purchase WHERE confirmed_at >= :start AND confirmed_at < :end AND state IN ('FAILED', 'LATE')
  AND NOT EXISTS (SELECT 1 FROM movement m WHERE m.purchase_id = purchase.id
    AND m.event = 'owner: the agent agreed to pay')
ORDER BY confirmed_at DESC, id DESC LIMIT :most OFFSET :skip;

-- name: days_told
SELECT at FROM summary_told WHERE day = :day;

-- name: days_tell!
INSERT INTO summary_told (day, at) VALUES (:day, :at) ON CONFLICT (day) DO NOTHING;

-- summaries of earlier days that have not left
-- name: days_outdated!
UPDATE outbox SET state = 'superseded'
WHERE cause >= 'summary:' AND cause < 'summary;' AND state IN ('queued', 'unknown', 'parked');

-- the minute of the day, -1 for never; no row is no word
-- name: days_time
SELECT COALESCE(minute, -1) FROM summary_time WHERE id = 1;

-- name: days_time_set!
INSERT INTO summary_time (id, minute) VALUES (1, :minute) ON CONFLICT (id) DO UPDATE SET minute = excluded.minute;

-- name: days_names
SELECT id, name FROM agent;

-- what an agent sold by denomination, late sales that he took among them
-- name: days_of_agent
SELECT denomination AS of, COUNT(*) AS count, SUM(price) AS sales FROM purchase
WHERE agent_id = :agent_id AND confirmed_at >= :start AND confirmed_at < :end
  AND (state = 'SUCCESS' OR state = 'LATE' AND EXISTS
    (SELECT 1 FROM movement m WHERE m.purchase_id = purchase.id AND m.event = :paid))
GROUP BY denomination ORDER BY denomination;
