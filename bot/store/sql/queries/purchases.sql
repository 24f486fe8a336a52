-- name: quote_add!
INSERT INTO quote (id, conversation_id, agent_id, msn, idpel, name, tariff_power, refnum, unsold_tokens, denomination,
  adm, markup, fee, created_at, expires_at)
VALUES (:id, :conversation_id, :agent_id, :msn, :idpel, :name, :tariff_power, :refnum, :unsold_tokens, :denomination,
  :adm, :markup, :fee, :created_at, :expires_at);

-- name: quote_by_id
SELECT * FROM quote WHERE id = :id;

-- name: purchase_add!
INSERT INTO purchase (id, trxid, quote_id, conversation_id, agent_id, order_id, state, ver, msn, idpel, name,
  tariff_power, refnum, denomination, adm, markup, fee, price, rebate, confirmed_at, sent_at, settled_at, reason,
  refused, payref, advref, paid_at, sold_adm, kwh, vat, local_tax, instalment, stamp_duty, clock_offset, next_at,
  advices, negatives, first_negative_at, rechecks, told, claim_code)
VALUES (:id, :trxid, :quote_id, :conversation_id, :agent_id, :order_id, :state, :ver, :msn, :idpel, :name,
  :tariff_power, :refnum, :denomination, :adm, :markup, :fee, :price, :rebate, :confirmed_at, :sent_at, :settled_at,
  :reason, :refused, :payref, :advref, :paid_at, :sold_adm, :kwh, :vat, :local_tax, :instalment, :stamp_duty,
  :clock_offset, :next_at, :advices, :negatives, :first_negative_at, :rechecks, :told, :claim_code);

-- name: purchase_save!
UPDATE purchase SET state = :state, ver = :ver, sent_at = :sent_at, settled_at = :settled_at, reason = :reason,
  refused = :refused, payref = :payref, advref = :advref, paid_at = :paid_at, sold_adm = :sold_adm, kwh = :kwh,
  vat = :vat, local_tax = :local_tax, instalment = :instalment, stamp_duty = :stamp_duty,
  clock_offset = :clock_offset, next_at = :next_at, advices = :advices, negatives = :negatives,
  first_negative_at = :first_negative_at, rechecks = :rechecks, told = :told, claim_code = :claim_code
WHERE id = :id AND state = :was AND ver = :was_ver;

-- name: purchase_last_id
SELECT COALESCE(MAX(id), 0) FROM purchase;

-- name: purchase_by_id
SELECT * FROM purchase WHERE id = :id;

-- name: purchase_by_quote
SELECT * FROM purchase WHERE quote_id = :quote_id;

-- name: purchase_by_claim
SELECT * FROM purchase WHERE claim_code = :claim_code AND confirmed_at > :since;

-- name: purchase_open_twin
SELECT * FROM purchase WHERE msn = :msn AND denomination = :denomination
  AND state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL');

-- name: purchase_open_of_meter
SELECT * FROM purchase WHERE msn = :msn AND state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL')
ORDER BY id DESC;

-- name: purchase_open_of_agent_since
SELECT * FROM purchase WHERE agent_id = :agent_id AND confirmed_at >= :since
  AND state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL')
ORDER BY confirmed_at;

-- name: purchase_spent
SELECT COALESCE(SUM(price), 0) FROM purchase
WHERE agent_id = :agent_id AND confirmed_at >= :start AND confirmed_at < :end AND state <> 'FAILED' AND state <> 'LATE';

-- name: purchase_spent_in_chat
SELECT COALESCE(SUM(price), 0) FROM purchase
WHERE conversation_id = :conversation_id AND agent_id = :agent_id AND confirmed_at >= :since
  AND state <> 'FAILED' AND state <> 'LATE';

-- name: purchase_same_since
SELECT * FROM purchase WHERE agent_id = :agent_id AND msn = :msn AND denomination = :denomination
  AND confirmed_at >= :since AND state NOT IN ('FAILED', 'LATE')
ORDER BY id;

-- name: purchase_latest_of_meter
SELECT * FROM purchase WHERE msn = :msn AND state = 'SUCCESS' ORDER BY confirmed_at DESC LIMIT 1;

-- name: purchase_success_count
SELECT COUNT(*) FROM (SELECT 1 FROM purchase WHERE state = 'SUCCESS' LIMIT 1000);

-- open states only: the list lets the index of open purchases serve, and `+id` keeps the planner from reading them all
-- name: purchase_in_state
SELECT * FROM purchase WHERE state = :state AND state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL')
ORDER BY +id;

-- name: purchase_open_list
SELECT * FROM purchase WHERE state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL') ORDER BY +id;

-- name: purchase_due_for_advice
SELECT * FROM purchase WHERE next_at IS NOT NULL AND next_at <= :now ORDER BY next_at LIMIT :most;

-- name: purchase_successor_sent_at
SELECT COALESCE(MIN(sent_at), 0) FROM purchase p
WHERE msn = :msn AND denomination = :denomination AND id > :id AND sent_at IS NOT NULL
  AND NOT (state = 'FAILED' AND EXISTS (SELECT 1 FROM movement m WHERE m.purchase_id = p.id
    AND m.event IN ('proven unsent', 'declined, proven')));

-- name: purchase_has_payref
SELECT COUNT(*) FROM purchase WHERE payref = :payref AND id <> :id;

-- name: purchase_clock_offsets
SELECT clock_offset FROM purchase WHERE clock_offset IS NOT NULL ORDER BY id DESC LIMIT 9;

-- name: movement_add!
INSERT INTO movement (purchase_id, from_state, event, to_state, actor, reason, created_at)
VALUES (:purchase_id, :from_state, :event, :to_state, :actor, :reason, :created_at);

-- name: token_add!
INSERT INTO vended_token (purchase_id, position, digits, is_credit) VALUES (:purchase_id, :position, :digits, :is_credit);

-- name: token_of_purchase
SELECT digits FROM vended_token WHERE purchase_id = :purchase_id ORDER BY position;

-- name: token_owner
SELECT purchase_id FROM vended_token WHERE digits = :digits AND is_credit = 1;

-- name: exchange_add!
INSERT INTO exchange (trxid, command, purchase_id, agent_id, request, by_payref, requested_at)
VALUES (:trxid, :command, :purchase_id, :agent_id, :request, :by_payref, :requested_at);

-- name: exchange_last_id
SELECT COALESCE(MAX(id), 0) FROM exchange;

-- name: exchange_complete!
UPDATE exchange SET completed_at = :completed_at, transport = :transport, status = :status, body = :body,
  milliseconds = :milliseconds, detail = :detail, code = :code, verdict = :verdict, applied_at = :applied_at
WHERE id = :id AND completed_at IS NULL;

-- name: exchange_applied!
UPDATE exchange SET applied_at = :applied_at WHERE id = :id AND applied_at IS NULL;

-- name: exchange_unapplied
SELECT * FROM exchange WHERE applied_at IS NULL AND completed_at IS NOT NULL ORDER BY id;

-- name: exchange_by_id
SELECT * FROM exchange WHERE id = :id;

-- name: exchange_of_purchase
SELECT * FROM exchange WHERE purchase_id = :purchase_id ORDER BY id;

-- name: exchange_last_advice_at
SELECT COALESCE(MAX(completed_at), 0) FROM exchange
WHERE purchase_id = :purchase_id AND command = 'ADV' AND completed_at IS NOT NULL;

-- name: exchange_last_advice_codes
SELECT verdict FROM exchange WHERE purchase_id = :purchase_id AND command = 'ADV' AND verdict IS NOT NULL
ORDER BY id DESC LIMIT 3;

-- name: exchange_inquiries_since
SELECT COUNT(*) FROM exchange WHERE agent_id = :agent_id AND command = 'INQ' AND requested_at >= :since;

-- the newest but so many: while there is one, so many and one were made since
-- name: exchange_inquiry_nth
SELECT requested_at FROM exchange WHERE agent_id = :agent_id AND command = 'INQ' AND requested_at > :since
ORDER BY requested_at DESC LIMIT 1 OFFSET :before;

-- name: alert_add!
INSERT INTO alert (kind, purchase_id, detail, created_at) VALUES (:kind, :purchase_id, :detail, :created_at);

-- name: inquiry_add!
INSERT INTO inquiry (id, msn, idpel, name, tariff_power, adm, refnum, unsold_tokens, created_at)
VALUES (:id, :msn, :idpel, :name, :tariff_power, :adm, :refnum, :unsold_tokens, :created_at);

-- name: inquiry_by_id
SELECT msn, idpel, name, tariff_power, adm, refnum, unsold_tokens FROM inquiry WHERE id = :id;

-- name: purchase_open_of_conversation
SELECT * FROM purchase WHERE conversation_id = :conversation_id
  AND state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL') ORDER BY id;
