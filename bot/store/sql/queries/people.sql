-- name: agent_add!
INSERT INTO agent (id, name, state, fee, daily_limit, created_at)
VALUES (:id, :name, 'active', :fee, :daily_limit, :created_at)
ON CONFLICT (id) DO NOTHING;

-- name: agent_by_id
SELECT id, name, state, fee, daily_limit, created_at, outlet, footer, zone FROM agent WHERE id = :id;

-- name: agent_list
SELECT id, name, state, fee, daily_limit, created_at, outlet, footer, zone FROM agent ORDER BY id;

-- name: agent_last_id
SELECT COALESCE(MAX(id), 0) FROM agent;

-- name: agent_state!
UPDATE agent SET state = :state WHERE id = :id AND state <> :state;

-- the names that prove who somebody is, the number first ('' < 'number' < 'person'), and whoever each speaks for
-- name: proof_list
SELECT a.value, m.role, g.id, g.name, g.state, g.fee, g.daily_limit, g.created_at,
  g.outlet, g.footer, g.zone
FROM address a
LEFT JOIN member m ON m.value = a.value AND m.channel = :channel AND m.removed_at IS NULL
LEFT JOIN agent g ON g.id = m.agent_id
WHERE a.conversation_id = :conversation_id AND a.state = 'sure' ORDER BY a.kind;

-- name: member_add!
INSERT INTO member (channel, value, agent_id, role, made_by, created_at, limited_until)
VALUES (:channel, :value, :agent_id, :role, :made_by, :created_at, :limited_until)
ON CONFLICT (value, channel) WHERE removed_at IS NULL DO NOTHING;

-- name: member_list
SELECT id, channel, value, role, created_at, limited_until FROM member
WHERE agent_id = :agent_id AND removed_at IS NULL ORDER BY id;

-- name: member_by_name
SELECT id, channel, value, role, created_at, limited_until, agent_id FROM member
WHERE value = :value AND channel = :channel AND removed_at IS NULL;

-- name: member_beside
SELECT a.state, b.value, m.id AS member_id
FROM address a
LEFT JOIN address b ON b.conversation_id = a.conversation_id AND b.state = 'sure'
LEFT JOIN member m ON m.value = b.value AND m.channel = a.channel AND m.removed_at IS NULL
WHERE a.channel = :channel AND a.value = :value;

-- name: member_remove!
UPDATE member SET removed_at = :now WHERE id = :id AND removed_at IS NULL;

-- name: member_limited
SELECT m.created_at FROM address a
JOIN member m ON m.value = a.value AND m.removed_at IS NULL AND m.limited_until > :now
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
WHERE a.conversation_id = :conversation_id AND a.state = 'sure';

-- name: conversation_is_cashiers
SELECT 1 FROM address a
JOIN member m ON m.value = a.value AND m.removed_at IS NULL AND m.role = 'cashier'
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
WHERE a.conversation_id = :conversation_id AND a.state = 'sure';

-- the zone of whose account the chat is, if it is not the shop's
-- name: conversation_zone
SELECT g.zone FROM address a
JOIN member m ON m.value = a.value AND m.removed_at IS NULL
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
JOIN agent g ON g.id = m.agent_id
WHERE a.conversation_id = :conversation_id AND a.state = 'sure' LIMIT 1;

-- name: conversation_of_member
SELECT a.conversation_id FROM address a
JOIN member m ON m.value = a.value
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
WHERE m.id = :id AND a.state = 'sure';

-- name: invitation_add!
INSERT INTO invitation (code, agent_id, role, made_by, created_at, expires_at)
VALUES (:code, :agent_id, :role, :made_by, :created_at, :expires_at);

-- name: invitation_by_code
SELECT agent_id, role, made_by, expires_at, used_at, used_by_channel, used_by_value FROM invitation WHERE code = :code;

-- name: invitation_use!
UPDATE invitation SET used_at = :now, used_by_channel = :channel, used_by_value = :value
WHERE code = :code AND used_at IS NULL AND expires_at > :now;

-- name: invitation_void!
UPDATE invitation SET expires_at = :now WHERE agent_id = :agent_id AND used_at IS NULL AND expires_at > :now;

-- name: wrong_code_add!
INSERT INTO wrong_code (conversation_id, tried_at) VALUES (:conversation_id, :now);

-- name: wrong_code_count
SELECT COUNT(*) FROM wrong_code WHERE conversation_id = :conversation_id AND tried_at > :since;

-- name: wrong_code_forget!
DELETE FROM wrong_code WHERE conversation_id = :conversation_id AND tried_at <= :since;

-- a chat that turned out to be another's is that one
-- name: conversation_by_handle
SELECT s.id, s.channel, s.language, s.away, s.handle
FROM conversation c JOIN conversation s ON s.id = COALESCE(c.merged_into, c.id)
WHERE c.handle = :handle AND c.channel = :channel;

-- name: conversation_has_handle
SELECT COUNT(*) FROM conversation WHERE handle = :handle AND channel = :channel;

-- name: conversation_by_id
SELECT s.id, s.channel, s.language, s.away, s.handle
FROM conversation c JOIN conversation s ON s.id = COALESCE(c.merged_into, c.id)
WHERE c.id = :id;

-- name: conversation_by_address
SELECT c.id, c.channel, c.language, c.away, c.handle FROM address a JOIN conversation c ON c.id = a.conversation_id
WHERE a.channel = :channel AND a.value = :value AND a.state <> 'gone';

-- name: conversation_by_proof
SELECT c.id, c.channel, c.language, c.away, c.handle FROM address a JOIN conversation c ON c.id = a.conversation_id
WHERE a.channel = :channel AND a.value = :value AND a.state = 'sure';

-- name: conversation_add!
INSERT INTO conversation (channel, handle, language, created_at) VALUES (:channel, :handle, :language, :created_at);

-- name: conversation_last_id
SELECT COALESCE(MAX(id), 0) FROM conversation;

-- name: conversation_speak!
UPDATE conversation SET language = :language WHERE id = :id;

-- name: conversation_heard!
UPDATE conversation SET heard_at = :said_at WHERE heard_at < :said_at
  AND id = (SELECT COALESCE(c.merged_into, c.id) FROM conversation c WHERE c.id = :id);

-- name: address_known
SELECT value, kind, state, conversation_id FROM address WHERE channel = :channel AND value = :value;

-- name: address_live
SELECT value, kind, state, conversation_id FROM address
WHERE conversation_id = :conversation_id AND state <> 'gone' ORDER BY kind;

-- name: address_set!
INSERT INTO address (channel, value, kind, state, conversation_id)
VALUES (:channel, :value, :kind, :state, :conversation_id)
ON CONFLICT (channel, value) DO UPDATE SET state = :state, conversation_id = :conversation_id;

-- name: address_gone!
UPDATE address SET state = 'gone' WHERE channel = :channel AND value = :value;

-- the younger of two chats goes into the older one: what may still be said or asked there, and what it sold

-- name: merge_chat!
UPDATE conversation SET merged_into = :into WHERE id = :id OR merged_into = :id;

-- name: merge_reach!
UPDATE conversation SET away = MAX(conversation.away, y.away), heard_at = MAX(conversation.heard_at, y.heard_at),
  heard_as = CASE WHEN y.heard_at > conversation.heard_at THEN y.heard_as ELSE conversation.heard_as END
FROM conversation y WHERE conversation.id = :into AND y.id = :id;

-- name: merge_addresses!
UPDATE address SET conversation_id = :into WHERE conversation_id = :id;

-- name: merge_steps!
UPDATE step SET conversation_id = :into WHERE conversation_id = :id;

-- name: merge_waiting!
UPDATE outbox SET conversation_id = :into WHERE conversation_id = :id AND state IN ('queued', 'unknown');

-- name: merge_parked!
UPDATE outbox SET conversation_id = :into WHERE conversation_id = :id AND state = 'parked';

-- name: merge_sending!
UPDATE outbox SET conversation_id = :into WHERE channel = :channel AND state = 'sending' AND conversation_id = :id;

-- name: merge_inbox!
UPDATE inbox SET address = (SELECT c.handle FROM conversation c WHERE c.id = :into)
WHERE channel = :channel AND address = (SELECT c.handle FROM conversation c WHERE c.id = :id) AND state = 'new';

-- name: merge_purchases!
UPDATE purchase SET conversation_id = :into WHERE conversation_id = :id;

-- name: merge_wrong_codes!
UPDATE wrong_code SET conversation_id = :into WHERE conversation_id = :id;

-- name: merge_opening_watch!
INSERT INTO opening_watch (conversation_id) SELECT :into FROM opening_watch WHERE conversation_id = :id
ON CONFLICT (conversation_id) DO NOTHING;

-- name: merge_opening_watch_done!
DELETE FROM opening_watch WHERE conversation_id = :id;

-- name: transfer_like
SELECT COUNT(*) FROM transfer WHERE credit = :credit AND amount = :amount AND kind = :kind AND created_at >= :since;

-- name: transfer_has_key
SELECT COUNT(*) FROM transfer WHERE idem_key = :idem_key;
