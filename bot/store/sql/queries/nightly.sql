-- name: nightly_plan
SELECT conversation_id, minute, next_at FROM nightly_backup;

-- name: nightly_set!
INSERT INTO nightly_backup (id, conversation_id, minute, next_at) VALUES (1, :conversation_id, :minute, :next_at)
ON CONFLICT (id) DO UPDATE SET conversation_id = :conversation_id, minute = :minute, next_at = :next_at;

-- name: nightly_next!
UPDATE nightly_backup SET next_at = :next_at;

-- name: nightly_off!
DELETE FROM nightly_backup;
