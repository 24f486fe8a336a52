-- name: inbox_add!
INSERT INTO inbox (channel, ext_id, kind, address, order_key, body, said_at, received_at, state, attempts)
VALUES (:channel, :ext_id, :kind, :address, :order_key, :body, :said_at, :received_at, 'new', 0)
ON CONFLICT (channel, ext_id) DO NOTHING;

-- name: inbox_lanes
SELECT DISTINCT channel, address FROM inbox WHERE state = 'new' LIMIT :most;

-- name: inbox_next
SELECT id, channel, ext_id, kind, address, body, said_at, received_at, attempts FROM inbox
WHERE channel = :channel AND address = :address AND state = 'new'
ORDER BY CASE kind WHEN 'internal' THEN 0 ELSE 1 END, order_key, id LIMIT 20;

-- name: inbox_done!
UPDATE inbox SET state = :state WHERE id = :id AND state = 'new';

-- name: inbox_failed!
UPDATE inbox SET attempts = attempts + 1 WHERE id = :id;

-- name: outbox_add!
INSERT INTO outbox (conversation_id, channel, class, cause, purchase_id, reply_to, content, nonce, state, attempts,
  unknowns, next_at, last_error, created_at)
SELECT id, channel, :message_class, :cause, :purchase_id, :reply_to, :content, :nonce, 'queued', 0, 0, :now, '', :now
FROM conversation WHERE id = :conversation_id
ON CONFLICT (cause) DO NOTHING;

-- name: outbox_due
SELECT o.id, o.conversation_id, a.value AS address, c.language, o.class AS message_class, o.content, o.nonce,
  o.reply_to, o.purchase_id, o.attempts, o.unknowns
FROM (
  SELECT MIN(f.id) AS id FROM outbox f
  WHERE f.channel = :channel AND f.state IN ('queued', 'unknown') AND f.next_at <= :now
    AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.channel = f.channel AND e.conversation_id = f.conversation_id
      AND e.state = 'sending')
  GROUP BY f.conversation_id LIMIT :most
) h
JOIN outbox o ON o.id = h.id
JOIN conversation c ON c.id = o.conversation_id
JOIN address a ON a.conversation_id = o.conversation_id AND a.channel = o.channel
ORDER BY o.id;

-- name: outbox_claim!
UPDATE outbox SET state = 'sending', attempts = attempts + 1, claimed_at = :now
WHERE id = :id AND state IN ('queued', 'unknown');

-- name: outbox_sent!
UPDATE outbox SET state = 'sent', sent_at = :now, last_error = '' WHERE id = :id AND state = 'sending';

-- name: outbox_retry!
UPDATE outbox SET state = :state, unknowns = unknowns + :unknown, next_at = :next_at, last_error = :error
WHERE id = :id AND state = 'sending';

-- name: outbox_left_sending!
UPDATE outbox SET state = 'unknown', unknowns = unknowns + 1, last_error = 'the process ended while sending'
WHERE channel = :channel AND state = 'sending';

-- name: outbox_doubt_restored!
UPDATE outbox SET state = 'unknown', unknowns = unknowns + 1, last_error = 'restored: the original may have sent it'
WHERE state = 'queued' AND created_at <= :copied_at;

-- name: outbox_waiting_count
SELECT COUNT(*) FROM outbox WHERE conversation_id = :conversation_id AND state IN ('queued', 'sending', 'unknown');

-- name: step_add!
INSERT INTO step (nonce, conversation_id, session_id, position, message, quote_id, created_at)
VALUES (:nonce, :conversation_id, :session_id, :position, :message, :quote_id, :created_at);

-- name: step_by_nonce
SELECT s.nonce, s.session_id, s.position, s.message, s.quote_id, COALESCE(o.claimed_at, 0) AS claimed_at
FROM step s LEFT JOIN outbox o ON o.nonce = s.nonce
WHERE s.nonce = :nonce AND s.conversation_id = :conversation_id;

-- name: step_latest
SELECT s.nonce, s.session_id, s.position, s.message, s.quote_id, COALESCE(o.claimed_at, 0) AS claimed_at
FROM step s JOIN outbox o ON o.nonce = s.nonce
WHERE s.conversation_id = :conversation_id ORDER BY o.id DESC LIMIT 1;

-- name: step_of_question
SELECT s.nonce, s.session_id, s.position, s.message, s.quote_id, COALESCE(o.claimed_at, 0) AS claimed_at
FROM step s JOIN outbox o ON o.nonce = s.nonce
WHERE s.session_id = :session_id AND s.position = :position ORDER BY o.id LIMIT 1;

-- name: inbox_waiting_count
SELECT COUNT(*) FROM inbox WHERE channel = :channel AND address = :address AND state = 'new';
