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

-- name: agent_by_address
SELECT g.id, g.name, g.state, g.markup, g.fee, g.daily_limit, g.created_at
FROM member m JOIN agent g ON g.id = m.agent_id WHERE m.channel = :channel AND m.value = :value;

-- name: member_add!
INSERT INTO member (channel, value, agent_id, created_at) VALUES (:channel, :value, :agent_id, :created_at)
ON CONFLICT (channel, value) DO NOTHING;

-- name: conversation_by_address
SELECT c.id, c.channel, c.language, c.away FROM address a JOIN conversation c ON c.id = a.conversation_id
WHERE a.channel = :channel AND a.value = :value;

-- name: conversation_add!
INSERT INTO conversation (channel, language, created_at) VALUES (:channel, :language, :created_at);

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
