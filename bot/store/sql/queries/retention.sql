-- the newest row stays, so that its number is never given again: answers are told apart by it; only the oldest are read
-- name: inbox_prune!
DELETE FROM inbox WHERE id IN (SELECT id FROM inbox
  WHERE id < (SELECT MIN(id) + 5000 FROM inbox WHERE state = 'done') AND id < (SELECT MAX(id) FROM inbox)
    AND state = 'done' AND received_at < :before LIMIT 500);

-- name: exchange_prune_inquiries!
DELETE FROM exchange WHERE id IN
  (SELECT id FROM exchange WHERE command = 'INQ' AND requested_at < :before LIMIT 500);

-- name: inquiry_prune!
DELETE FROM inquiry WHERE id IN (SELECT id FROM inquiry WHERE created_at < :before
  AND '{"inquiry": "' || id || '"}' NOT IN (SELECT l.value FROM session s CROSS JOIN session_log l
    WHERE s.state = 'open' AND l.session_id = s.id AND l.step = 'inquire') LIMIT 500);

-- name: inbox_prune_dead!
DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state = 'dead' AND received_at < :before
  AND id < (SELECT MAX(id) FROM inbox) LIMIT 500);

-- name: session_lapse!
UPDATE session SET state = 'replaced' WHERE id IN
  (SELECT id FROM session WHERE state = 'open' AND created_at < :before ORDER BY created_at LIMIT 500);

-- the newest talk keeps its number, so that it is never given again: old buttons name talks by it
-- name: session_prune_log!
DELETE FROM session_log WHERE session_id IN (SELECT id FROM session WHERE created_at < :before AND state <> 'open'
  ORDER BY created_at, id LIMIT 200);

-- name: session_prune_effects!
DELETE FROM effect WHERE session_id IN (SELECT id FROM session WHERE created_at < :before AND state <> 'open'
  ORDER BY created_at, id LIMIT 200);

-- name: session_prune!
DELETE FROM session WHERE id IN (SELECT id FROM session WHERE created_at < :before AND state <> 'open'
  ORDER BY created_at, id LIMIT 200) AND id < (SELECT MAX(id) FROM session);

-- by its row the books know that a result was told, and nothing is told twice
-- name: outbox_prune!
UPDATE outbox SET content = '', reply_to = '', ext_id = NULL, last_error = '' WHERE id IN
  (SELECT id FROM outbox WHERE content <> '' AND created_at < :before AND state IN ('sent', 'superseded', 'dropped')
   ORDER BY created_at LIMIT 500);

-- name: step_prune!
DELETE FROM step WHERE nonce IN (SELECT nonce FROM step WHERE created_at < :before ORDER BY created_at LIMIT 500);

-- what became a purchase has it all there
-- name: quote_prune!
UPDATE quote SET msn = '', idpel = '', name = '', tariff_power = '', refnum = '' WHERE id IN
  (SELECT id FROM quote WHERE name <> '' AND created_at < :before ORDER BY created_at LIMIT 500);

-- name: wrong_code_prune!
DELETE FROM wrong_code WHERE id IN (SELECT id FROM wrong_code WHERE tried_at < :before LIMIT 500);

-- name: kept
SELECT COALESCE((SELECT MIN(received_at) FROM inbox WHERE state = 'done' AND id < (SELECT MAX(id) FROM inbox)), 0) AS heard,
  (SELECT COUNT(*) FROM erasure) AS leaving;
