-- what an owner looks at and settles: sales that nobody owns, offers of late tokens, notes that are dealt with


-- name: stray_of_purchase
SELECT * FROM stray WHERE purchase_id = :purchase_id ORDER BY id;

-- name: stray_decided
SELECT kind, actor, reason, COALESCE(LENGTH(evidence), 0) AS evidence_bytes, created_at
FROM decision WHERE stray_id = :stray_id ORDER BY id;

-- name: late_offer_add!
INSERT INTO late_offer (purchase_id, state, offered_by, offered_at, answered_by, answered_at)
VALUES (:purchase_id, 'open', :offered_by, :now, '', NULL)
ON CONFLICT (purchase_id) WHERE state = 'open' DO NOTHING;

-- name: late_offer_latest
SELECT id, purchase_id, state, offered_by, offered_at, answered_by, answered_at FROM late_offer
WHERE purchase_id = :purchase_id ORDER BY id DESC LIMIT 1;

-- name: late_offer_end!
UPDATE late_offer SET state = :state, answered_by = :answered_by, answered_at = :now
WHERE purchase_id = :purchase_id AND state = 'open';

-- name: note_end_add!
INSERT INTO note_end (note_id, answer, actor, ended_at) VALUES (:note_id, :answer, :actor, :now)
ON CONFLICT (note_id) DO NOTHING;

-- name: merge_notes!
UPDATE note SET conversation_id = :into WHERE conversation_id = :id;
