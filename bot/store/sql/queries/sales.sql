-- name: movement_fetched
SELECT created_at AS at FROM movement WHERE purchase_id = :id AND event = 'fetched' ORDER BY id DESC LIMIT 3;

-- name: summary_totals
SELECT COUNT(*) AS count, COALESCE(SUM(price), 0) AS sales,
  COALESCE(SUM(price - denomination - COALESCE(sold_adm, adm) + rebate), 0) AS profit,
  COALESCE(SUM(CAST(REPLACE(REPLACE(kwh, '.', ''), ',', '') AS BIGINT)), 0) AS kwh_tenths
FROM purchase WHERE state = 'SUCCESS' AND confirmed_at >= :start AND confirmed_at < :end;

-- name: summary_failed
SELECT COUNT(*) FROM purchase WHERE state IN ('FAILED', 'LATE') AND confirmed_at >= :start AND confirmed_at < :end;

-- name: summary_agents
SELECT g.name, COUNT(*) AS count FROM purchase p JOIN agent g ON g.id = p.agent_id
WHERE p.state = 'SUCCESS' AND p.confirmed_at >= :start AND p.confirmed_at < :end
GROUP BY g.id, g.name ORDER BY COUNT(*) DESC, g.name LIMIT 5;

-- name: summary_balances
SELECT COALESCE(SUM(a.posted), 0) FROM account a JOIN agent g ON a.id = 'agent:' || g.id WHERE g.id <> :counter;
