-- name: inbox_prune!
DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state = 'done' AND received_at < :before LIMIT 500);

-- name: exchange_prune_inquiries!
DELETE FROM exchange WHERE id IN
  (SELECT id FROM exchange WHERE command = 'INQ' AND requested_at < :before LIMIT 500);

-- name: inquiry_prune!
DELETE FROM inquiry WHERE id IN (SELECT id FROM inquiry WHERE created_at < :before AND NOT EXISTS
  (SELECT 1 FROM session s JOIN session_log l ON l.session_id = s.id
   WHERE s.state = 'open' AND l.step = 'inquire' AND l.value LIKE '%' || inquiry.id || '%') LIMIT 500);
