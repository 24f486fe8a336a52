-- name: errand_add!
INSERT INTO errand (conversation_id, kind, input, actor, state, tries, created_at)
VALUES (:conversation_id, :kind, :input, :actor, 'open', 0, :now);

-- name: errand_open_list
SELECT e.id, e.conversation_id, e.kind, e.input, e.actor, e.tries, e.created_at, c.channel, c.language
FROM errand e JOIN conversation c ON c.id = e.conversation_id WHERE e.state = 'open' ORDER BY e.id;

-- name: errand_open_of
SELECT e.id, e.conversation_id, e.kind, e.input, e.actor, e.tries, e.created_at, c.channel, c.language
FROM errand e JOIN conversation c ON c.id = e.conversation_id
WHERE e.state = 'open' AND e.conversation_id = :conversation_id AND e.kind = :kind ORDER BY e.id;

-- name: errand_open_count
SELECT COUNT(*) FROM errand WHERE state = 'open' AND conversation_id = :conversation_id;

-- name: errand_begin!
UPDATE errand SET tries = tries + 1 WHERE id = :id AND state = 'open';

-- name: errand_end!
UPDATE errand SET state = :state WHERE id = :id AND state = 'open';

-- name: errand_prune!
DELETE FROM errand WHERE id IN (SELECT id FROM errand WHERE created_at < :before AND state <> 'open' LIMIT 500);

-- chats for which messages with files wait; only owners get files
-- name: errand_files_wait_for
SELECT conversation_id FROM outbox WHERE state IN ('queued', 'unknown') AND instr(content, '"File"') > 0
UNION SELECT conversation_id FROM outbox WHERE state = 'sending' AND instr(content, '"File"') > 0
UNION SELECT conversation_id FROM outbox WHERE state = 'parked' AND instr(content, '"File"') > 0;

-- name: errand_files_withdraw!
UPDATE outbox SET state = 'superseded'
WHERE conversation_id = :conversation_id AND state IN ('queued', 'unknown', 'sending', 'parked')
  AND content <> '' AND instr(content, '"File"') > 0;
