-- What is done to a copy of the database, never to the shop's own.

-- name: restriction_mark!
INSERT INTO restriction (id, kind, detail, since, copied_at) VALUES (1, 'restored', :detail, :since, :copied_at)
ON CONFLICT (id) DO UPDATE SET
  kind = 'restored',
  detail = excluded.detail || '; read-only before that: ' || restriction.detail,
  since = excluded.since,
  copied_at = CASE WHEN restriction.copied_at < excluded.copied_at THEN restriction.copied_at
    ELSE excluded.copied_at END;

-- name: restriction_since!
UPDATE restriction SET since = :now WHERE id = 1;

-- what a copy sends has the numbers of what its original sent since: a platform's later word has to tell them apart
-- name: copy_names_anew!
DELETE FROM published WHERE subject = 'mark';

-- name: copy_newest_moment
SELECT MAX(moment) FROM (
  SELECT MAX(applied_at) AS moment FROM schema_version
  UNION ALL SELECT MAX(confirmed_at) FROM purchase
  UNION ALL SELECT MAX(created_at) FROM movement
  UNION ALL SELECT MAX(created_at) FROM transfer
  UNION ALL SELECT MAX(requested_at) FROM exchange
  UNION ALL SELECT MAX(received_at) FROM inbox
  UNION ALL SELECT MAX(created_at) FROM outbox
) AS moments;
