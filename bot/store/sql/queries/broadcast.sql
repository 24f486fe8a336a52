-- name: broadcast_agents
SELECT a.id FROM agent a
WHERE a.id > :after AND a.state = 'active' AND (:active_since = 0 OR EXISTS (
  SELECT 1 FROM purchase p WHERE p.agent_id = a.id AND p.confirmed_at >= :active_since))
ORDER BY a.id LIMIT :most;

-- an agent's own chats, not his cashiers'
-- name: broadcast_chats
SELECT c.id, c.channel, c.heard_at, c.away FROM member m
JOIN address a ON a.value = m.value AND a.state = 'sure'
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
JOIN conversation c ON c.id = a.conversation_id
WHERE m.agent_id = :agent_id AND m.role = 'agent' AND m.removed_at IS NULL AND c.merged_into IS NULL;

-- name: broadcast_add!
INSERT INTO broadcast (conversation_id, actor, text, active_since, total, upto, state, created_at, shown_at)
VALUES (:conversation_id, :actor, :text, :active_since, :total, 0, 'sending', :now, :now)
ON CONFLICT (state) WHERE state = 'sending' DO NOTHING;

-- name: broadcast_going
SELECT id, conversation_id, actor, text, active_since, total, upto, state, created_at, shown_at FROM broadcast
WHERE state = 'sending';

-- name: broadcast_latest
SELECT id, conversation_id, actor, text, active_since, total, upto, state, created_at, shown_at FROM broadcast
ORDER BY id DESC LIMIT 1;

-- name: broadcast_to_add!
INSERT INTO broadcast_to (broadcast_id, agent_id, passed_over) VALUES (:id, :agent_id, :passed_over);

-- name: broadcast_upto!
UPDATE broadcast SET upto = :upto WHERE id = :id;

-- name: broadcast_shown!
UPDATE broadcast SET shown_at = :now WHERE id = :id;

-- name: broadcast_end!
UPDATE broadcast SET state = :state, ended_at = :now WHERE id = :id AND state = 'sending';

-- name: broadcast_supersede!
UPDATE outbox SET state = 'superseded' WHERE broadcast_id = :id AND state IN ('queued', 'unknown');

-- what was said to agents is not for somebody who is none any more
-- name: broadcast_leave!
UPDATE outbox SET state = 'superseded'
WHERE conversation_id = :conversation_id AND broadcast_id IS NOT NULL AND state IN ('queued', 'unknown');

-- name: broadcast_waiting
SELECT COUNT(*) FROM outbox WHERE broadcast_id = :id AND state IN ('queued', 'sending', 'unknown');

-- how it stands with each agent whose turn has come, counted
-- name: broadcast_fates
SELECT CASE WHEN t.passed_over <> '' THEN t.passed_over
    WHEN o.state = 'sent' THEN 'sent'
    WHEN o.state IN ('queued', 'sending', 'unknown') THEN 'waiting'
    WHEN o.state = 'superseded' THEN 'stopped'
    WHEN substr(o.last_error, 1, 6) = 'closed' THEN 'closed' ELSE 'failed' END AS fate, COUNT(*) AS count
FROM broadcast_to t LEFT JOIN outbox o ON o.cause = 'broadcast:' || t.broadcast_id || ':' || t.agent_id
WHERE t.broadcast_id = :id GROUP BY 1;

-- name: broadcast_missed
SELECT t.agent_id FROM broadcast_to t
LEFT JOIN outbox o ON o.cause = 'broadcast:' || t.broadcast_id || ':' || t.agent_id
WHERE t.broadcast_id = :id AND (t.passed_over <> '' OR o.state IN ('dropped', 'parked')) ORDER BY t.agent_id LIMIT :most;
