-- name: trail_add!
INSERT INTO trail (at, actor, action, subject, agent_id, chat, reason)
VALUES (:at, :actor, :action, :subject, :agent_id, :chat, :reason);

-- name: trail_of_agent
SELECT id, at, actor, action, subject, chat, reason FROM trail WHERE agent_id = :agent_id ORDER BY id;

-- name: trail_latest
SELECT id, at, actor, action, subject, chat, reason FROM trail ORDER BY id DESC LIMIT :most OFFSET :skip;

-- name: trail_between
SELECT id, at, actor, action, subject, chat, reason FROM trail
WHERE at >= :start AND at < :until ORDER BY at DESC, id DESC LIMIT :most OFFSET :skip;

-- name: trail_about
SELECT id, at, actor, action, subject, chat, reason FROM trail
WHERE subject = :subject ORDER BY id DESC LIMIT :most OFFSET :skip;

-- name: trail_by
SELECT id, at, actor, action, subject, chat, reason FROM trail
WHERE actor IN ('owner in chat ' || :conversation_id, 'agent in chat ' || :conversation_id,
    'cashier in chat ' || :conversation_id, 'customer in chat ' || :conversation_id)
  OR (actor >= 'owner in chat ' || :conversation_id || ', ' AND actor < 'owner in chat ' || :conversation_id || ',!')
ORDER BY id DESC LIMIT :most OFFSET :skip;

-- a chat by the name that proves it, or else by what it was called first
-- name: trail_chat
SELECT c.channel || ':' || COALESCE((SELECT a.value FROM address a WHERE a.conversation_id = c.id AND a.state <> 'gone'
  ORDER BY CASE a.state WHEN 'sure' THEN 0 ELSE 1 END, a.value LIMIT 1), c.handle)
FROM conversation c WHERE c.id = :conversation_id;

-- name: trail_conversation
SELECT conversation_id FROM address WHERE value = :value AND channel = :channel AND state <> 'gone' LIMIT 1;
