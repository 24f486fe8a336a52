-- the newest sale of the number that fits the proof, meter number and IDPEL alike; each reads the same for any number

-- name: sale_by_reference
SELECT * FROM purchase WHERE (msn = :number OR idpel = :number) AND confirmed_at > :since
  AND UPPER(SUBSTR(payref, -4)) = :tail AND (:rupiah IN
    (denomination, denomination + COALESCE(sold_adm, adm), denomination + COALESCE(sold_adm, adm) + fee)
    OR EXISTS (SELECT 1 FROM receipt_print r WHERE r.purchase_id = purchase.id AND r.total = :rupiah))
ORDER BY confirmed_at DESC, id DESC LIMIT 1;

-- name: sale_by_phone
SELECT p.* FROM purchase p JOIN sale_phone s ON s.purchase_id = p.id AND s.phone = :phone
WHERE (p.msn = :number OR p.idpel = :number) AND p.confirmed_at > :since
ORDER BY p.confirmed_at DESC, p.id DESC LIMIT 1;

-- name: sale_by_known_meter
SELECT p.* FROM purchase p JOIN proved_meter k ON k.msn = p.msn AND k.conversation_id = :conversation_id
  AND k.known_until > :now
WHERE (p.msn = :number OR p.idpel = :number) AND p.confirmed_at > :since
ORDER BY p.confirmed_at DESC, p.id DESC LIMIT 1;

-- name: sale_newest_of
SELECT * FROM purchase WHERE (msn = :number OR idpel = :number) AND confirmed_at > :since
ORDER BY confirmed_at DESC, id DESC LIMIT 1;

-- name: sale_shown
SELECT p.* FROM proved_meter k JOIN purchase p ON p.id = k.purchase_id
WHERE k.conversation_id = :conversation_id AND k.purchase_id = :purchase_id AND k.shown_at > :since;

-- name: sale_later_count
SELECT COUNT(*) FROM (SELECT 1 FROM purchase WHERE msn = :msn AND confirmed_at > :confirmed_at AND state = 'SUCCESS'
  LIMIT :most);

-- name: sale_phone_set!
INSERT INTO sale_phone (purchase_id, phone, recorded_by, recorded_at)
VALUES (:purchase_id, :phone, :recorded_by, :now)
ON CONFLICT (purchase_id) DO UPDATE SET phone = :phone, recorded_by = :recorded_by, recorded_at = :now;

-- name: sale_phone_prune!
DELETE FROM sale_phone WHERE purchase_id IN
  (SELECT purchase_id FROM sale_phone WHERE recorded_at < :before LIMIT 500);

-- a number that moved proves nothing
-- name: number_sure
SELECT value FROM address WHERE conversation_id = :conversation_id AND kind = 'number' AND state = 'sure';

-- name: proof_try_add!
INSERT INTO proof_try (conversation_id, number, tried_at) VALUES (:conversation_id, :number, :now);

-- name: proof_try_of_chat
SELECT tried_at FROM proof_try WHERE conversation_id = :conversation_id AND tried_at > :since ORDER BY tried_at;

-- name: proof_try_of_number
SELECT tried_at FROM proof_try WHERE number = :number AND tried_at > :since ORDER BY tried_at;

-- name: proof_try_prune!
DELETE FROM proof_try WHERE id IN (SELECT id FROM proof_try WHERE tried_at < :before LIMIT 500);

-- name: proved_meter_set!
INSERT INTO proved_meter (conversation_id, msn, purchase_id, shown_at, proved_at, known_until)
VALUES (:conversation_id, :msn, :purchase_id, :now, :proved_at, 0)
ON CONFLICT (conversation_id, msn) DO UPDATE SET purchase_id = :purchase_id, shown_at = :now,
  proved_at = CASE WHEN :proved_at > proved_meter.proved_at THEN :proved_at ELSE proved_meter.proved_at END;

-- name: proved_meter_remember!
UPDATE proved_meter SET known_until = :until
WHERE conversation_id = :conversation_id AND purchase_id = :purchase_id AND proved_at > :since;

-- name: proved_meter_until
SELECT k.known_until FROM proved_meter k WHERE k.conversation_id = :conversation_id AND k.known_until > :now
  AND (k.msn = :number OR EXISTS (SELECT 1 FROM purchase p WHERE p.idpel = :number AND p.msn = k.msn));

-- name: proved_meter_forget!
UPDATE proved_meter SET known_until = 0 WHERE conversation_id = :conversation_id
  AND (msn = :number OR EXISTS (SELECT 1 FROM purchase p WHERE p.idpel = :number AND p.msn = proved_meter.msn));

-- name: proved_meter_drop!
DELETE FROM proved_meter WHERE conversation_id = :conversation_id;

-- name: proved_meter_prune!
DELETE FROM proved_meter WHERE (conversation_id, msn) IN
  (SELECT conversation_id, msn FROM proved_meter WHERE shown_at < :before AND known_until < :now LIMIT 500);

-- name: sale_watch_add!
INSERT INTO sale_watch (purchase_id, conversation_id, asked_at)
VALUES (:purchase_id, :conversation_id, :now) ON CONFLICT (purchase_id, conversation_id) DO NOTHING;

-- name: sale_watch_ended
SELECT w.purchase_id, w.conversation_id FROM sale_watch w JOIN purchase p ON p.id = w.purchase_id
WHERE p.state IN ('SUCCESS', 'FAILED', 'LATE') ORDER BY w.purchase_id, w.conversation_id LIMIT 100;

-- name: sale_watch_done!
DELETE FROM sale_watch WHERE purchase_id = :purchase_id AND conversation_id = :conversation_id;

-- name: sale_watch_drop!
DELETE FROM sale_watch WHERE conversation_id = :conversation_id;

-- name: token_request_add!
INSERT INTO token_request (conversation_id, number, state, asked_at)
SELECT :conversation_id, :number, 'new', :now
WHERE (SELECT COUNT(*) FROM token_request r WHERE r.conversation_id = :conversation_id AND r.asked_at > :since) < :most
  AND NOT EXISTS (SELECT 1 FROM token_request r WHERE r.conversation_id = :conversation_id AND r.asked_at > :since
    AND r.number = :number);

-- name: token_request_new
SELECT id, conversation_id, number, purchase_id, state, asked_at FROM token_request WHERE state = 'new'
ORDER BY id LIMIT 100;

-- name: token_request_by_id
SELECT id, conversation_id, number, purchase_id, state, asked_at FROM token_request WHERE id = :id;

-- name: token_request_asked!
UPDATE token_request SET state = 'asked', purchase_id = :purchase_id, msn = :msn WHERE id = :id AND state = 'new';

-- name: token_request_closed!
UPDATE token_request SET state = 'closed' WHERE id = :id AND state = 'new';

-- name: token_request_decide!
UPDATE token_request SET state = :state, decided_at = :now, decided_by = :decided_by
WHERE id = :id AND state = 'asked' AND asked_at > :since;

-- of this chat for this meter, by whichever of its numbers: asked lately, or refused not long ago
-- name: token_request_silenced
SELECT COUNT(*) FROM token_request WHERE msn = :msn AND conversation_id = :conversation_id
  AND (asked_at > :asked_since OR state = 'kept' AND decided_at > :kept_since);

-- name: token_request_of_meter
SELECT COUNT(*) FROM token_request WHERE msn = :msn AND asked_at > :since;

-- name: token_request_drop!
UPDATE token_request SET state = 'closed' WHERE conversation_id = :conversation_id AND state IN ('new', 'asked');

-- name: token_request_prune!
DELETE FROM token_request WHERE id IN (SELECT id FROM token_request WHERE asked_at < :before LIMIT 500);

-- name: merge_proof_tries!
UPDATE proof_try SET conversation_id = :into WHERE conversation_id = :id;

-- name: merge_proved_meters!
UPDATE proved_meter SET conversation_id = :into WHERE conversation_id = :id
  AND msn NOT IN (SELECT k.msn FROM proved_meter k WHERE k.conversation_id = :into);

-- name: merge_sale_watches!
UPDATE sale_watch SET conversation_id = :into WHERE conversation_id = :id
  AND purchase_id NOT IN (SELECT w.purchase_id FROM sale_watch w WHERE w.conversation_id = :into);

-- name: merge_token_requests!
UPDATE token_request SET conversation_id = :into WHERE conversation_id = :id;
