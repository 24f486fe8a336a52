-- name: agent_add!
INSERT INTO agent (id, name, state, markup, fee, daily_limit, created_at)
VALUES (:id, :name, 'active', :markup, :fee, :daily_limit, :created_at)
ON CONFLICT (id) DO NOTHING;

-- name: agent_by_id
SELECT id, name, state, markup, fee, daily_limit, created_at FROM agent WHERE id = :id;

-- name: agent_list
SELECT id, name, state, markup, fee, daily_limit, created_at FROM agent ORDER BY id;

-- name: agent_last_id
SELECT COALESCE(MAX(id), 0) FROM agent;

-- name: agent_state!
UPDATE agent SET state = :state WHERE id = :id AND state <> :state;

-- name: agent_by_address
SELECT g.id, g.name, g.state, g.markup, g.fee, g.daily_limit, g.created_at, m.role
FROM member m JOIN agent g ON g.id = m.agent_id
WHERE m.value = :value AND m.channel = :channel AND m.removed_at IS NULL;

-- name: member_add!
INSERT INTO member (channel, value, agent_id, role, made_by, created_at, limited_until)
VALUES (:channel, :value, :agent_id, :role, :made_by, :created_at, :limited_until)
ON CONFLICT (value, channel) WHERE removed_at IS NULL DO NOTHING;

-- name: member_list
SELECT id, channel, value, role, created_at, limited_until FROM member
WHERE agent_id = :agent_id AND removed_at IS NULL ORDER BY id;

-- name: member_remove!
UPDATE member SET removed_at = :now WHERE id = :id AND removed_at IS NULL;

-- name: member_limited
SELECT m.created_at FROM address a
JOIN member m ON m.value = a.value AND m.removed_at IS NULL AND m.limited_until > :now
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
WHERE a.conversation_id = :conversation_id;

-- name: conversation_of_member
SELECT a.conversation_id FROM address a
JOIN member m ON m.value = a.value
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
WHERE m.id = :id;

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

-- name: people_event_add!
INSERT INTO people_event (actor, action, agent_id, chat, at, reason)
VALUES (:actor, :action, :agent_id, :chat, :at, :reason);

-- name: people_event_list
SELECT actor, action, chat, at, reason FROM people_event WHERE agent_id = :agent_id ORDER BY id;

-- name: shop_name_on
SELECT value FROM published WHERE channel = :channel AND subject = 'name';

-- name: conversation_by_address
SELECT c.id, c.channel, c.language, c.away FROM address a JOIN conversation c ON c.id = a.conversation_id
WHERE a.channel = :channel AND a.value = :value;

-- name: conversation_add!
INSERT INTO conversation (channel, handle, language, created_at) VALUES (:channel, :handle, :language, :created_at);

-- name: conversation_last_id
SELECT COALESCE(MAX(id), 0) FROM conversation;

-- name: conversation_speak!
UPDATE conversation SET language = :language WHERE id = :id;

-- name: address_add!
INSERT INTO address (channel, value, conversation_id) VALUES (:channel, :value, :conversation_id);

-- name: transfer_like
SELECT COUNT(*) FROM transfer WHERE credit = :credit AND amount = :amount AND kind = :kind AND created_at >= :since;

-- name: transfer_has_key
SELECT COUNT(*) FROM transfer WHERE idem_key = :idem_key;
