-- name: inbox_add!
INSERT INTO inbox (channel, ext_id, kind, address, order_key, body, said_at, received_at, state, attempts)
VALUES (:channel, :ext_id, :kind, :address, :order_key, :body, :said_at, :received_at, :state, 0)
ON CONFLICT (channel, ext_id) DO NOTHING;

-- name: inbox_known
SELECT 1 FROM inbox WHERE channel = :channel AND ext_id = :ext_id;

-- name: inbox_all_new
SELECT id, channel, ext_id, kind, address, body, said_at, received_at, attempts FROM inbox
WHERE channel = :channel AND address >= :since AND state = 'new'
ORDER BY address, CASE kind WHEN 'internal' THEN 0 ELSE 1 END, order_key, id LIMIT :most;

-- name: inbox_next
SELECT id, channel, ext_id, kind, address, body, said_at, received_at, attempts FROM inbox
WHERE channel = :channel AND address = :address AND state = 'new'
ORDER BY CASE kind WHEN 'internal' THEN 0 ELSE 1 END, order_key, id LIMIT :most;

-- name: inbox_done!
UPDATE inbox SET state = :state WHERE id = :id AND state = 'new';

-- name: inbox_waits!
UPDATE inbox SET state = 'new' WHERE id = :id;

-- name: inbox_failed!
UPDATE inbox SET attempts = attempts + 1 WHERE id = :id;

-- name: outbox_add!
INSERT INTO outbox (conversation_id, channel, class, cause, purchase_id, reply_to, content, nonce, edits, question,
  broadcast_id, state, attempts, unknowns, next_at, last_error, created_at)
SELECT now_in.id, now_in.channel, :message_class, :cause, :purchase_id, :reply_to, :content, :nonce, :edits, :question,
  :broadcast_id,
  'queued', 0, 0, :now, '', :now
FROM conversation c JOIN conversation now_in ON now_in.id = COALESCE(c.merged_into, c.id)
WHERE c.id = :conversation_id AND (now_in.away = 0 OR :message_class <> 'notice')
ON CONFLICT (cause) DO NOTHING;

-- name: outbox_supersede!
UPDATE outbox SET state = 'superseded'
WHERE conversation_id = :conversation_id AND state IN ('queued', 'unknown') AND question = 1;

-- name: outbox_answered!
UPDATE outbox SET question = -1, state = CASE WHEN state = 'sending' THEN state ELSE 'superseded' END
WHERE nonce = :nonce AND state IN ('queued', 'sending', 'unknown');

-- name: outbox_seen!
UPDATE outbox SET ext_id = :ext_id, state = CASE WHEN state IN ('unknown', 'parked') THEN 'sent' ELSE state END
WHERE nonce = :nonce AND ext_id IS NULL;

-- name: outbox_last_error
SELECT last_error FROM outbox WHERE id = :id;

-- name: outbox_unknowns
SELECT unknowns FROM outbox WHERE nonce = :nonce;

-- to a name that is his for sure, and to his number before his other name: it reaches him everywhere
-- name: outbox_waiting
SELECT o.id, o.conversation_id, COALESCE((SELECT a.value FROM address a WHERE a.conversation_id = o.conversation_id
    AND a.state <> 'gone' ORDER BY CASE a.state WHEN 'sure' THEN 0 ELSE 1 END, CASE a.kind WHEN 'person' THEN 1 ELSE 0 END
    LIMIT 1), '') AS address,
  c.language, o.class AS message_class, o.content, o.nonce, o.reply_to, o.purchase_id, o.attempts, o.unknowns, o.edits,
  o.next_at, o.first_at, o.created_at, o.variant, c.heard_at,
  o.broadcast_id
FROM outbox o
JOIN conversation c ON c.id = o.conversation_id
WHERE o.channel = :channel AND o.state IN ('queued', 'unknown') AND o.id > :after
ORDER BY o.id LIMIT :most;

-- of a row that had left before its chat was merged, the chat is the older one
-- name: outbox_row
SELECT o.id, c.id AS conversation_id, '' AS address, c.language, o.class AS message_class, o.content, o.nonce, o.reply_to,
  o.purchase_id, o.attempts, o.unknowns, o.edits, o.next_at, o.first_at, o.created_at, o.variant, c.heard_at,
  o.broadcast_id
FROM outbox o JOIN conversation was ON was.id = o.conversation_id
JOIN conversation c ON c.id = COALESCE(was.merged_into, was.id) WHERE o.id = :id;

-- name: outbox_afresh
SELECT COALESCE((SELECT a.value FROM address a WHERE a.conversation_id = o.conversation_id
    AND a.state <> 'gone' ORDER BY CASE a.state WHEN 'sure' THEN 0 ELSE 1 END, CASE a.kind WHEN 'person' THEN 1 ELSE 0 END
    LIMIT 1), '') AS address,
  o.variant, c.heard_at, o.attempts, o.unknowns
FROM outbox o JOIN conversation c ON c.id = o.conversation_id WHERE o.id = :id;

-- name: outbox_claim!
UPDATE outbox SET state = 'sending', attempts = attempts + 1, claimed_at = :now, first_at = COALESCE(first_at, :now)
WHERE id = :id AND state IN ('queued', 'unknown');

-- name: outbox_ext_id
SELECT COALESCE(ext_id, '') FROM outbox WHERE nonce = :nonce;

-- name: outbox_named
SELECT nonce FROM outbox WHERE cause = :cause AND nonce IS NOT NULL AND ext_id IS NOT NULL;

-- name: outbox_sent!
UPDATE outbox SET state = 'sent', sent_at = :now, last_error = '', ext_id = COALESCE(ext_id, NULLIF(:ext_id, ''))
WHERE id = :id AND state = 'sending';

-- name: outbox_proven_while_sending!
UPDATE outbox SET state = 'sent', sent_at = :now, last_error = '' WHERE id = :id AND state = 'sending' AND proof > 0;

-- name: outbox_retry!
UPDATE outbox SET
  state = CASE WHEN question = -1 OR question = 1 AND EXISTS (SELECT 1 FROM outbox n
      WHERE n.conversation_id = outbox.conversation_id AND n.id > outbox.id AND n.question = 1
        AND n.state IN ('queued', 'unknown'))
    THEN 'superseded' ELSE :state END,
  unknowns = unknowns + :unknown, attempts = attempts - :given_back, next_at = :next_at,
  variant = COALESCE(:variant, variant), last_error = :error
WHERE id = :id AND state = 'sending';

-- the platform says later that a message did not arrive, or that one of its parts did not: that attempt is over
-- name: outbox_failed!
UPDATE outbox SET
  state = CASE WHEN :state IN ('queued', 'unknown') AND (question = -1 OR question = 1 AND EXISTS (SELECT 1 FROM outbox n
      WHERE n.conversation_id = outbox.conversation_id AND n.id > outbox.id AND n.question = 1))
    THEN 'superseded' ELSE :state END,
  conversation_id = (SELECT COALESCE(c.merged_into, c.id) FROM conversation c WHERE c.id = outbox.conversation_id),
  unknowns = unknowns + :unknown, next_at = :next_at, attempts = attempts - :given_back + :part, proof = -:part,
  variant = COALESCE(:variant, variant), last_error = :error
WHERE id = :id AND content <> '' AND state IN ('sent', 'sending', 'unknown');

-- name: outbox_for_status
SELECT proof, attempts, unknowns FROM outbox WHERE id = :id AND channel = :channel;

-- that it was taken says nothing once it has failed; that it was delivered always does
-- name: outbox_proven!
UPDATE outbox SET proof = MAX(proof, :proof),
  state = CASE WHEN state = 'unknown' OR state IN ('queued', 'parked') AND :proof > 1 THEN 'sent' ELSE state END,
  delivered_at = CASE WHEN :proof > 1 THEN MIN(COALESCE(delivered_at, :at), :at) ELSE delivered_at END,
  read_at = CASE WHEN :proof > 2 THEN MIN(COALESCE(read_at, :at), :at) ELSE read_at END,
  priced = CASE WHEN :priced = '' THEN priced ELSE :priced END
WHERE id = :id AND (:proof > 1 OR state IN ('sending', 'unknown', 'sent'));

-- what comes from another chat of the account goes to no third one: that was told of it at the same time; and what is
-- said to a customer is said to nobody else
-- name: conversation_elsewhere
SELECT DISTINCT c.id FROM outbox o
JOIN purchase p ON p.id = o.purchase_id
JOIN member m ON m.agent_id = p.agent_id AND m.role = 'agent' AND m.removed_at IS NULL
JOIN address a ON a.channel = m.channel AND a.value = m.value AND a.state = 'sure'
JOIN conversation c ON c.id = a.conversation_id
WHERE o.id = :outbox_id AND substr(o.cause, 1, 10) NOT IN ('elsewhere:', 'recovered:')
  AND c.id <> o.conversation_id AND c.away = 0 AND c.merged_into IS NULL;

-- name: outbox_said_elsewhere!
UPDATE outbox SET unknowns = MAX(unknowns, 1) WHERE id = :id;

-- name: outbox_unpark!
UPDATE outbox SET state = 'queued', next_at = :now, created_at = :now, variant = ''
WHERE conversation_id = :conversation_id AND state = 'parked';

-- who has just written may be written to freely, whatever the platform said before
-- name: outbox_reopen!
UPDATE outbox SET variant = '' WHERE variant = 'template' AND (conversation_id = :conversation_id
    AND state IN ('queued', 'unknown') OR channel = :channel AND state = 'sending' AND +conversation_id = :conversation_id);

-- of a chat that was merged while a call was under way, it is the older one
-- name: conversation_away!
UPDATE conversation SET away = :away WHERE id = (SELECT COALESCE(c.merged_into, c.id) FROM conversation c WHERE c.id = :id);

-- whatever is the matter: its channel is served no more, or was refused for a day; its row stays as it is
-- name: outbox_overdue
UPDATE outbox SET last_error = 'overdue'
WHERE state IN ('queued', 'unknown') AND class = 'critical' AND +purchase_id IS NOT NULL AND created_at < :before
  AND last_error <> 'overdue' RETURNING id, purchase_id;

-- what is said to many is said to nobody twice
-- name: outbox_left_sending!
UPDATE outbox SET
  state = CASE WHEN proof > 0 THEN 'sent' WHEN broadcast_id IS NOT NULL THEN 'dropped' WHEN question = -1 OR question = 1 AND EXISTS (SELECT 1 FROM outbox n
      WHERE n.conversation_id = outbox.conversation_id AND n.id > outbox.id AND n.question = 1
        AND n.state IN ('queued', 'unknown'))
    THEN 'superseded' ELSE 'unknown' END,
  unknowns = unknowns + CASE WHEN proof > 0 THEN 0 ELSE 1 END, next_at = :next_at,
  last_error = 'the process ended while sending'
WHERE channel = :channel AND state = 'sending';

-- once a row: what is headed as a repeat already needs no more doubt, and a refusal of ours is none
-- name: outbox_doubt_restored!
UPDATE outbox SET state = CASE state WHEN 'queued' THEN 'unknown' ELSE state END, unknowns = 1,
  last_error = 'restored: the original may have sent it'
WHERE state IN ('queued', 'parked') AND unknowns = 0 AND created_at <= :copied_at;

-- name: outbox_waiting_count
SELECT (SELECT COUNT(*) FROM outbox WHERE conversation_id = :conversation_id AND state IN ('queued', 'unknown'))
  + (SELECT COUNT(*) FROM outbox WHERE conversation_id = :conversation_id AND state = 'sending');

-- name: outbox_waiting_answers
SELECT COUNT(*) FROM (
  SELECT 1 FROM outbox WHERE conversation_id = :conversation_id AND state IN ('queued', 'unknown') LIMIT 100
) w;

-- name: step_add!
INSERT INTO step (nonce, conversation_id, session_id, position, message, quote_id, created_at)
SELECT :nonce, COALESCE(merged_into, id), :session_id, :position, :message, :quote_id, :created_at
FROM conversation WHERE id = :conversation_id;

-- name: step_by_nonce
SELECT s.nonce, s.session_id, s.position, s.message, s.quote_id, COALESCE(o.claimed_at, 0) AS claimed_at
FROM step s LEFT JOIN outbox o ON o.nonce = s.nonce
WHERE s.nonce = :nonce AND s.conversation_id = :conversation_id;

-- from the newest message of the chat, or of one that became it, back to the first that asked or offered something
-- name: step_latest
SELECT s.nonce, s.session_id, s.position, s.message, s.quote_id, COALESCE(o.claimed_at, 0) AS claimed_at
FROM outbox o JOIN step s ON s.nonce = o.nonce
WHERE o.id = (SELECT MAX(l.id) FROM (
  SELECT (SELECT q.id FROM outbox q WHERE q.conversation_id = c.id AND q.content <> '' AND q.nonce IS NOT NULL
    ORDER BY q.id DESC LIMIT 1) AS id
  FROM conversation c WHERE c.id = :conversation_id OR c.merged_into = :conversation_id) l);

-- name: step_of_question
SELECT s.nonce, s.session_id, s.position, s.message, s.quote_id, COALESCE(o.claimed_at, 0) AS claimed_at
FROM step s JOIN outbox o ON o.nonce = s.nonce
WHERE s.session_id = :session_id AND s.position = :position AND o.claimed_at IS NOT NULL ORDER BY o.id LIMIT 1;

-- name: step_nonces
SELECT nonce FROM step WHERE session_id = :session_id AND position = :position;

-- name: step_nonces_unedited
SELECT s.nonce FROM step s JOIN outbox o ON o.nonce = s.nonce
WHERE s.session_id = :session_id AND s.position = :position AND o.edits IS NULL;

-- name: inbox_waiting_count
SELECT COUNT(*) FROM inbox WHERE channel = :channel AND address = :address AND state = 'new';

-- of the row that was stored last: greater ones may stand before the platform began to count anew
-- name: inbox_last_order_key
SELECT order_key FROM inbox WHERE +channel = :channel AND ext_id LIKE :prefix ORDER BY id DESC LIMIT 1;

-- asked again and again: CROSS JOIN and `+` keep the planner with the few that wait, and from every chat and purchase
-- name: conversation_waiting
SELECT c.handle, c.heard_as FROM effect e CROSS JOIN conversation c
WHERE e.state = 'open' AND e.created_at <= :since AND c.id = e.conversation_id AND +c.channel = :channel
UNION
SELECT c.handle, c.heard_as FROM purchase p CROSS JOIN conversation c
WHERE p.state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL') AND p.state IN ('CONFIRMED', 'SENDING')
  AND p.told = 0 AND +p.confirmed_at <= :since AND c.id = p.conversation_id AND +c.channel = :channel;

-- name: conversation_heard_as!
UPDATE conversation SET heard_as = :heard_as WHERE id = :id;

-- name: conversation_language
SELECT c.language FROM address a JOIN conversation c ON c.id = a.conversation_id
WHERE a.channel = :channel AND a.value = :value;

-- name: member_chats
SELECT m.value, c.language, m.role FROM member m
JOIN address a ON a.channel = m.channel AND a.value = m.value
JOIN conversation c ON c.id = a.conversation_id
WHERE m.channel = :channel AND m.removed_at IS NULL;

-- name: published_all
SELECT subject, value FROM published WHERE channel = :channel;

-- name: published_value
SELECT value FROM published WHERE channel = :channel AND subject = :subject;

-- name: published_forget!
DELETE FROM published WHERE channel = :channel;

-- name: published_set!
INSERT INTO published (channel, subject, value) VALUES (:channel, :subject, :value)
ON CONFLICT (channel, subject) DO UPDATE SET value = :value;
