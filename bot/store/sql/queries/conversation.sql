-- name: session_open
SELECT id, conversation_id, flow, given, order_id, role FROM session
WHERE conversation_id = :conversation_id AND state = 'open';

-- name: session_add!
INSERT INTO session (conversation_id, flow, given, order_id, role, state, created_at)
VALUES (:conversation_id, :flow, :given, :order_id, :role, 'open', :created_at);

-- name: session_close!
UPDATE session SET state = :state WHERE id = :id AND state = 'open';

-- name: session_drop!
UPDATE session SET state = 'replaced' WHERE conversation_id = :conversation_id AND state = 'open';

-- name: log_of_session
SELECT position, step, value FROM session_log WHERE session_id = :session_id ORDER BY position;

-- name: log_add!
INSERT INTO session_log (session_id, position, step, value) VALUES (:session_id, :position, :step, :value);

-- name: log_forget!
DELETE FROM session_log WHERE session_id = :session_id;

-- name: effect_add!
INSERT INTO effect (session_id, position, conversation_id, kind, input, state, created_at)
VALUES (:session_id, :position, :conversation_id, :kind, :input, 'open', :created_at)
ON CONFLICT (session_id, position) DO NOTHING;

-- name: effect_open
SELECT e.session_id, e.position, e.conversation_id, e.kind, e.input, e.created_at, c.channel, c.handle
FROM effect e JOIN conversation c ON c.id = e.conversation_id
WHERE e.state = 'open' ORDER BY e.created_at;

-- name: effect_is_open
SELECT COUNT(*) FROM effect WHERE session_id = :session_id AND position = :position AND state = 'open';

-- nobody waits for their answers any more
-- name: effect_let_go!
UPDATE effect SET state = 'done' WHERE conversation_id = :conversation_id AND state = 'open';

-- name: effect_done!
UPDATE effect SET state = 'done' WHERE session_id = :session_id AND position = :position AND state = 'open';

-- name: effect_open_count
SELECT COUNT(*) FROM effect WHERE conversation_id = :conversation_id AND state = 'open';
