-- what like this was booked lately: the same amount by hand, or a ticket that came to it with its own last digits
-- name: credited_like
SELECT kind, amount, created_at AS at FROM transfer
WHERE credit = :credit AND created_at >= :since
  AND ((kind IN ('topup', 'credit', 'repaid') AND amount = :amount)
    OR (kind = 'ticket' AND amount >= :amount AND amount < :amount + 1000))
ORDER BY created_at DESC, id DESC;

-- the agent's tickets that nobody has decided and that this amount may be meant for
-- name: ticket_meant
SELECT id, agent_id, conversation_id, amount, state, created_at, expires_at, moved_at, reminded, credited, actor, reason
FROM ticket
WHERE agent_id = :agent_id AND state IN ('open', 'waiting', 'expired') AND created_at >= :since
  AND amount >= :amount AND amount < :amount + 1000
ORDER BY CASE state WHEN 'waiting' THEN 0 ELSE 1 END, id DESC;

-- who owes the shop, the most first
-- name: receivable_list
SELECT a.id AS agent_id, -r.posted AS owed FROM agent a JOIN account r ON r.id = 'receivable:' || a.id
WHERE r.posted < 0 ORDER BY r.posted, a.id;

-- what was sold on credit, the latest first
-- name: receivable_credits
SELECT amount, created_at AS at FROM transfer WHERE debit = :receivable ORDER BY created_at DESC, id DESC LIMIT 1000;

-- who was topped up last, the latest first
-- name: credited_lately
SELECT l.id FROM (
  SELECT a.id, (SELECT t.created_at FROM transfer t
    WHERE t.credit = 'agent:' || a.id AND t.kind IN ('topup', 'credit', 'ticket')
    ORDER BY t.created_at DESC LIMIT 1) AS at
  FROM agent a WHERE a.state = 'active') l
WHERE l.at IS NOT NULL ORDER BY l.at DESC LIMIT :most;

-- what a question of this talk has booked
-- name: booked_in_session
SELECT value FROM session_log WHERE session_id = :session_id AND step IN ('booked', 'credit', 'reject') ORDER BY position DESC LIMIT 1;

-- the reverse: cash booked by hand that may be a ticket's own transfer
-- name: ticket_booked_by_hand
SELECT amount, created_at AS at FROM transfer
WHERE credit = :credit AND kind = 'topup' AND created_at >= :since AND amount <= :amount AND amount > :amount - 1000
ORDER BY created_at DESC, id DESC LIMIT 1;
