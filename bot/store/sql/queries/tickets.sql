-- name: ticket_add!
INSERT INTO ticket (agent_id, conversation_id, amount, state, created_at, expires_at, moved_at)
VALUES (:agent_id, :conversation_id, :amount, 'open', :now, :expires_at, :now);

-- name: ticket_next_id
SELECT COALESCE(MAX(id), 0) + 1 FROM ticket;

-- name: ticket_by_id
SELECT id, agent_id, conversation_id, amount, state, created_at, expires_at, moved_at, reminded, credited, actor, reason
FROM ticket WHERE id = :id;

-- name: ticket_latest
SELECT id, agent_id, conversation_id, amount, state, created_at, expires_at, moved_at, reminded, credited, actor, reason
FROM ticket WHERE agent_id = :agent_id ORDER BY id DESC LIMIT 1;

-- name: ticket_open
SELECT id, agent_id, conversation_id, amount, state, created_at, expires_at, moved_at, reminded, credited, actor, reason
FROM ticket WHERE agent_id = :agent_id AND state = 'open';

-- what waits for an owner first, then what agents may still pay
-- name: ticket_undecided
SELECT id, agent_id, conversation_id, amount, state, created_at, expires_at, moved_at, reminded, credited, actor, reason
FROM ticket WHERE state IN ('open', 'waiting') ORDER BY CASE state WHEN 'waiting' THEN 0 ELSE 1 END, id;

-- name: ticket_undecided_of
SELECT COUNT(*) FROM ticket WHERE agent_id = :agent_id AND state IN ('open', 'waiting');

-- name: ticket_due
SELECT id, agent_id, conversation_id, amount, state, created_at, expires_at, moved_at, reminded, credited, actor, reason
FROM ticket WHERE state = 'open' AND expires_at <= :before ORDER BY expires_at, id;

-- the last three digits that tell tickets apart
-- name: ticket_tails
SELECT amount - amount / 1000 * 1000 FROM ticket WHERE state IN ('open', 'waiting')
UNION SELECT amount - amount / 1000 * 1000 FROM ticket WHERE moved_at > :since;

-- name: ticket_namesake
SELECT id FROM ticket WHERE amount = :amount AND id <> :id AND (state IN ('open', 'waiting'))
ORDER BY id DESC LIMIT 1;

-- name: ticket_move!
UPDATE ticket SET state = :state, moved_at = :now, credited = :credited, actor = :actor, reason = :reason
WHERE id = :id AND state = :was;

-- name: ticket_remind!
UPDATE ticket SET reminded = 1 WHERE id = :id AND state = 'open' AND reminded = 0;

-- whoever sold since then, for his balance may have become low
-- name: sellers_since
SELECT g.id FROM agent g
WHERE g.id <> :counter AND EXISTS (SELECT 1 FROM purchase p WHERE p.agent_id = g.id AND p.confirmed_at >= :since);

-- name: days_use
SELECT COALESCE(SUM(price), 0) AS spent, COALESCE(MIN(confirmed_at), 0) AS first_at,
  COUNT(DISTINCT (confirmed_at - :since) / 86400000) AS days
FROM purchase WHERE agent_id = :agent_id AND state = 'SUCCESS' AND confirmed_at >= :since AND confirmed_at < :until;

-- name: purchase_last_adm
SELECT adm FROM purchase WHERE agent_id = :agent_id ORDER BY confirmed_at DESC LIMIT 1;
