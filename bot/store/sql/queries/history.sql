-- an agent's sales, newest first; `chat` other than 0 is one chat's alone

-- name: history_of
SELECT * FROM purchase WHERE agent_id = :agent_id AND confirmed_at >= :start AND confirmed_at < :end
  AND (:chat = 0 OR conversation_id = :chat)
ORDER BY confirmed_at DESC, id DESC LIMIT :most OFFSET :skip;

-- by the meter: through the agent's index (which the sign keeps out) it would be all that he ever sold
-- name: history_of_meter
SELECT * FROM purchase WHERE (msn = :pattern OR idpel = :pattern) AND +agent_id = :agent_id AND confirmed_at >= :start
  AND (:chat = 0 OR conversation_id = :chat)
ORDER BY confirmed_at DESC, id DESC LIMIT :most OFFSET :skip;

-- name: history_of_tail
SELECT * FROM purchase WHERE agent_id = :agent_id AND confirmed_at >= :start
  AND (msn LIKE :pattern OR idpel LIKE :pattern) AND (:chat = 0 OR conversation_id = :chat)
ORDER BY confirmed_at DESC, id DESC LIMIT :most OFFSET :skip;

-- name: history_of_name
SELECT * FROM purchase WHERE agent_id = :agent_id AND confirmed_at >= :start
  AND (UPPER(name) LIKE :pattern OR msn = :msn) AND (:chat = 0 OR conversation_id = :chat)
ORDER BY confirmed_at DESC, id DESC LIMIT :most OFFSET :skip;

-- a late sale that its agent took is sold to him
-- name: history_tally
SELECT COALESCE(SUM(sold), 0) AS count, COALESCE(SUM(sold * price), 0) AS price,
  COALESCE(SUM(sold * (denomination + adm + fee)), 0) AS retail,
  COALESCE(SUM(CASE WHEN sold = 0 AND state IN ('FAILED', 'LATE') THEN 1 ELSE 0 END), 0) AS failed,
  COALESCE(SUM(CASE WHEN state NOT IN ('SUCCESS', 'FAILED', 'LATE') THEN 1 ELSE 0 END), 0) AS open,
  COALESCE(SUM(CASE WHEN state NOT IN ('SUCCESS', 'FAILED', 'LATE') THEN price ELSE 0 END), 0) AS held
FROM (SELECT p.*, CASE WHEN p.state = 'SUCCESS' OR p.state = 'LATE' AND EXISTS
    (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.event = :paid) THEN 1 ELSE 0 END AS sold
  FROM purchase p WHERE p.agent_id = :agent_id AND p.confirmed_at >= :start AND p.confirmed_at < :end
    AND (:chat = 0 OR p.conversation_id = :chat)) AS day;
