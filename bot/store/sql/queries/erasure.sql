-- what a customer takes along: at first his words and what he may do by them, then his names; the sales stay

-- a chat, and those that turned out to be its person's
-- name: erasure_chats
SELECT id, channel, handle FROM conversation WHERE id = :id OR merged_into = :id ORDER BY id;

-- name: erasure_add!
INSERT INTO erasure (conversation_id, asked_at) VALUES (:id, :now)
ON CONFLICT (conversation_id) DO UPDATE SET asked_at = :now;

-- name: erasure_waiting
SELECT conversation_id, asked_at FROM erasure WHERE conversation_id > :after ORDER BY conversation_id LIMIT 100;

-- name: erasure_done!
DELETE FROM erasure WHERE conversation_id = :id;

-- name: erasure_heard!
UPDATE inbox SET body = '{"text": ""}' WHERE channel = :channel AND address = :handle AND state <> 'new'
  AND received_at <= :until;

-- what is under way keeps its words until it has arrived; the question that is just answered, until its buttons are gone
-- name: erasure_said!
UPDATE outbox SET content = '', reply_to = '', ext_id = NULL, last_error = '',
  cause = CASE WHEN purchase_id IS NULL THEN 'forgotten:' || id ELSE cause END
WHERE conversation_id = :chat AND content <> '' AND created_at <= :until AND state IN ('sent', 'superseded', 'dropped')
  AND COALESCE(nonce, '') NOT IN (SELECT s.nonce FROM session t JOIN step s ON s.session_id = t.id
    WHERE t.conversation_id = :chat AND t.state = 'open');

-- the results of what a former seller bought are his account's
-- name: erasure_unsaid!
UPDATE outbox SET content = '', reply_to = '', ext_id = NULL, last_error = '', state = 'dropped'
WHERE conversation_id = :chat AND content <> '' AND created_at <= :until AND state IN ('queued', 'unknown', 'parked')
  AND class <> 'edit' AND (purchase_id IS NULL OR substr(cause, 1, 10) = 'recovered:');

-- name: erasure_steps!
DELETE FROM step WHERE conversation_id = :chat AND created_at <= :until AND COALESCE(session_id, 0) NOT IN
  (SELECT id FROM session WHERE conversation_id = :chat AND state = 'open');

-- name: erasure_answers!
DELETE FROM session_log WHERE session_id IN
  (SELECT id FROM session WHERE conversation_id = :chat AND state <> 'open');

-- name: erasure_effects!
DELETE FROM effect WHERE session_id IN (SELECT id FROM session WHERE conversation_id = :chat AND state <> 'open');

-- name: erasure_talks!
UPDATE session SET given = '{}', order_id = '' WHERE conversation_id = :chat AND state <> 'open';

-- the phones of sales that go with him
-- name: erasure_phones
SELECT DISTINCT phone FROM sale_phone WHERE phone IN
  (SELECT value FROM address WHERE conversation_id = :chat AND kind = 'number' AND state = 'sure')
  OR purchase_id IN (SELECT purchase_id FROM movement WHERE event = 'fetched' AND actor = :actor);

-- a seller's link to his WhatsApp then opens without a number
-- name: erasure_drafts!
UPDATE outbox SET content = REPLACE(content, :phone, '') WHERE content LIKE '%' || :phone || '%' AND content <> ''
  AND conversation_id IN (SELECT other.conversation_id FROM sale_phone s JOIN purchase p ON p.id = s.purchase_id
    JOIN purchase other ON other.agent_id = p.agent_id WHERE s.phone = :phone);

-- name: erasure_draft_steps!
UPDATE step SET message = REPLACE(message, :phone, '') WHERE message LIKE '%' || :phone || '%'
  AND conversation_id IN (SELECT other.conversation_id FROM sale_phone s JOIN purchase p ON p.id = s.purchase_id
    JOIN purchase other ON other.agent_id = p.agent_id WHERE s.phone = :phone);

-- name: erasure_own_phone!
DELETE FROM sale_phone WHERE phone IN
  (SELECT value FROM address WHERE conversation_id = :chat AND kind = 'number' AND state = 'sure');

-- name: erasure_proved_phones!
DELETE FROM sale_phone WHERE purchase_id IN (SELECT purchase_id FROM movement WHERE event = 'fetched' AND actor = :actor);

-- name: erasure_fetches!
UPDATE movement SET actor = 'a customer who was forgotten' WHERE event = 'fetched' AND actor = :actor;

-- name: erasure_requests
SELECT id FROM token_request WHERE conversation_id = :chat;

-- the seller was told whose wish it was
-- name: erasure_asked!
UPDATE outbox SET content = '', state = CASE state WHEN 'sent' THEN state ELSE 'dropped' END
WHERE cause >= 'request:' || :request || ':' AND cause < 'request:' || :request || ';' AND content <> ''
  AND state <> 'sending';

-- name: erasure_asked_steps!
DELETE FROM step WHERE nonce IN
  (SELECT nonce FROM outbox WHERE cause >= 'request:' || :request || ':' AND cause < 'request:' || :request || ';');

-- those that still count against whoever asks too often stay until they no longer do
-- name: erasure_requests_prune!
DELETE FROM token_request WHERE conversation_id = :chat AND asked_at <= :since
  AND (decided_at IS NULL OR decided_at <= :since);

-- an answer to it, or what takes the buttons of its question, by the name of that
-- name: erasure_is_under_way
SELECT 1 FROM conversation c WHERE c.id = :chat AND (
  EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = c.id AND o.state IN ('queued', 'unknown'))
  OR EXISTS (SELECT 1 FROM outbox o WHERE o.channel = c.channel AND o.state = 'sending' AND +o.conversation_id = c.id));

-- whether a name is still needed: something waits, counts against guessing, or was begun since
-- name: erasure_is_early
SELECT 1 FROM conversation c WHERE c.id = :chat AND (
  EXISTS (SELECT 1 FROM inbox i WHERE i.channel = c.channel AND i.address = c.handle AND i.state = 'new')
  OR EXISTS (SELECT 1 FROM session s WHERE s.conversation_id = c.id AND s.state = 'open')
  OR EXISTS (SELECT 1 FROM proof_try t WHERE t.conversation_id = c.id)
  OR EXISTS (SELECT 1 FROM wrong_code w WHERE w.conversation_id = c.id)
  OR EXISTS (SELECT 1 FROM token_request r WHERE r.conversation_id = c.id)
  OR EXISTS (SELECT 1 FROM proved_meter k WHERE k.conversation_id = c.id)
  OR EXISTS (SELECT 1 FROM sale_watch w WHERE w.conversation_id = c.id)
  OR EXISTS (SELECT 1 FROM purchase p WHERE p.conversation_id = c.id AND p.state NOT IN ('SUCCESS', 'FAILED', 'LATE')));

-- name: erasure_of_inbox!
UPDATE inbox SET address = '' WHERE channel = :channel AND address = :handle AND state <> 'new';

-- name: erasure_of_parked!
UPDATE outbox SET state = 'dropped' WHERE conversation_id = :chat AND state = 'parked';

-- a name that moved, or that is nobody's, stays: whoever has it next must not inherit by it
-- name: erasure_of_addresses!
DELETE FROM address WHERE conversation_id = :chat AND state = 'sure';

-- name: erasure_of_chat!
UPDATE conversation SET handle = 'forgotten ' || id, heard_as = '', heard_at = 0, away = 0 WHERE id = :chat;
