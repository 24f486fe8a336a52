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
