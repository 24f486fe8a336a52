-- name: note_add!
INSERT INTO note (purchase_id, kind, text, actor, noted_at, conversation_id)
VALUES (:purchase_id, :kind, :text, :actor, :now, :conversation_id);

-- name: note_has
SELECT COUNT(*) FROM note WHERE purchase_id = :purchase_id AND kind = :kind AND text = :text AND noted_at > :since;

-- name: note_count_of
SELECT COUNT(*) FROM note WHERE purchase_id = :purchase_id AND noted_at > :since;

-- name: note_of_purchase
SELECT n.id, n.purchase_id, n.kind, n.text, n.actor, n.noted_at, n.conversation_id,
  COALESCE(e.answer, '') AS answer, COALESCE(e.actor, '') AS ended_by, e.ended_at
FROM note n LEFT JOIN note_end e ON e.note_id = n.id WHERE n.purchase_id = :purchase_id
ORDER BY n.noted_at DESC, n.id DESC LIMIT :most;

-- name: note_latest
SELECT n.id, n.purchase_id, n.kind, n.text, n.actor, n.noted_at, n.conversation_id,
  COALESCE(e.answer, '') AS answer, COALESCE(e.actor, '') AS ended_by, e.ended_at
FROM note n LEFT JOIN note_end e ON e.note_id = n.id WHERE n.noted_at > :since AND e.note_id IS NULL
ORDER BY n.noted_at DESC, n.id DESC LIMIT :most OFFSET :skip;

-- an agent's sales found by what stands on a receipt; `chat` other than 0 is one chat's alone

-- name: lookup_by_token
SELECT p.* FROM vended_token v JOIN purchase p ON p.id = v.purchase_id
WHERE v.digits = :digits AND p.agent_id = :agent_id AND (:chat = 0 OR p.conversation_id = :chat)
ORDER BY p.confirmed_at DESC, p.id DESC LIMIT :most;

-- name: lookup_by_tail
SELECT * FROM purchase WHERE agent_id = :agent_id AND (:chat = 0 OR conversation_id = :chat)
  AND (msn LIKE :pattern OR idpel LIKE :pattern OR UPPER(COALESCE(payref, '')) LIKE :pattern
    OR UPPER(COALESCE(advref, '')) LIKE :pattern)
ORDER BY confirmed_at DESC, id DESC LIMIT :most;

-- when a sale's token left for the chat that bought it; of one that a status or a tap proved, nobody saw the call end
-- name: lookup_sent
SELECT COALESCE(sent_at, claimed_at, created_at) FROM outbox WHERE purchase_id = :purchase_id AND state = 'sent' AND cause LIKE :token
ORDER BY id DESC LIMIT 1;
