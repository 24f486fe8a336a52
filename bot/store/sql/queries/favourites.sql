-- name: favourite_by_alias
SELECT alias, msn, name FROM favourite WHERE agent_id = :agent_id AND alias = :alias;

-- name: favourite_of_agent
SELECT alias, msn, name FROM favourite WHERE agent_id = :agent_id ORDER BY alias;

-- name: favourite_of_meter
SELECT alias, msn, name FROM favourite WHERE agent_id = :agent_id AND msn = :msn ORDER BY created_at, alias LIMIT 1;

-- name: favourite_count
SELECT COUNT(*) FROM favourite WHERE agent_id = :agent_id;

-- name: favourite_add!
INSERT INTO favourite (agent_id, alias, msn, name, created_at) VALUES (:agent_id, :alias, :msn, :name, :created_at);

-- name: favourite_drop!
DELETE FROM favourite WHERE agent_id = :agent_id AND alias = :alias;

-- `meters` is meter numbers one behind the other, eleven characters each
-- name: favourite_among
WITH RECURSIVE place (at) AS (SELECT 1 UNION ALL SELECT at + 11 FROM place WHERE at + 11 < LENGTH(:meters))
SELECT f.alias, f.msn, f.name FROM place JOIN favourite f ON f.agent_id = :agent_id AND f.msn = SUBSTR(:meters, at, 11)
ORDER BY f.alias LIMIT 1;

-- name: regular_among
WITH RECURSIVE place (at) AS (SELECT 1 UNION ALL SELECT at + 11 FROM place WHERE at + 11 < LENGTH(:meters))
SELECT p.msn FROM place JOIN purchase p
  ON p.agent_id = :agent_id AND p.msn = SUBSTR(:meters, at, 11) AND p.state = 'SUCCESS'
GROUP BY p.msn HAVING COUNT(*) >= :sales ORDER BY MAX(p.id) DESC LIMIT 1;

-- name: regular_sales
SELECT COUNT(*) FROM purchase WHERE agent_id = :agent_id AND msn = :msn AND state = 'SUCCESS';

-- name: meter_latest_sale
SELECT * FROM purchase WHERE agent_id = :agent_id AND msn = :msn AND state = 'SUCCESS' ORDER BY id DESC LIMIT 1;

-- name: recent_meters
SELECT msn, name FROM purchase WHERE agent_id = :agent_id AND state = 'SUCCESS'
ORDER BY confirmed_at DESC, id DESC LIMIT :most;

-- name: recent_meters_of_chat
SELECT msn, name FROM purchase WHERE conversation_id = :conversation_id AND agent_id = :agent_id AND state = 'SUCCESS'
ORDER BY id DESC LIMIT :most;

-- name: meter_sold
SELECT kwh, denomination FROM purchase
WHERE msn = :msn AND confirmed_at >= :start AND confirmed_at < :end AND state = 'SUCCESS';
