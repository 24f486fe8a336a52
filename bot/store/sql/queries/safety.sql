-- name: binding
SELECT host, cid FROM binding WHERE id = 1;

-- name: binding_add!
INSERT INTO binding (id, host, cid, bound_at) VALUES (1, :host, :cid, :now) ON CONFLICT (id) DO NOTHING;

-- name: binding_change!
UPDATE binding SET host = :host, cid = :cid, bound_at = :now WHERE id = 1;

-- name: restriction
SELECT kind, detail, since, copied_at FROM restriction WHERE id = 1;

-- name: restriction_add!
INSERT INTO restriction (id, kind, detail, since, copied_at) VALUES (1, :kind, :detail, :now, :copied_at)
ON CONFLICT (id) DO NOTHING;

-- name: restriction_put_in_place!
UPDATE restriction SET since = :now WHERE id = 1 AND since = 0;

-- name: restriction_remove!
DELETE FROM restriction WHERE id = 1;

-- name: breaker
SELECT state, way_back, code, since, unclear_run, probe_id, probed_at FROM breaker WHERE id = 1;

-- name: breaker_add!
INSERT INTO breaker (id, state, way_back, code, since, unclear_run, probe_id, probed_at)
VALUES (1, 'closed', 'probe', NULL, :now, 0, NULL, NULL) ON CONFLICT (id) DO NOTHING;

-- name: breaker_save!
UPDATE breaker SET state = :state, way_back = :way_back, code = :code, since = :since, unclear_run = :unclear_run,
  probe_id = :probe_id, probed_at = :probed_at WHERE id = 1;

-- name: opening_watch_add!
INSERT INTO opening_watch (conversation_id) VALUES (:conversation_id) ON CONFLICT (conversation_id) DO NOTHING;

-- name: opening_watch_list
SELECT conversation_id FROM opening_watch ORDER BY conversation_id;

-- name: opening_watch_clear!
DELETE FROM opening_watch;

-- name: decision_add!
INSERT INTO decision (kind, purchase_id, stray_id, actor, reason, evidence, created_at)
VALUES (:kind, :purchase_id, :stray_id, :actor, :reason, :evidence, :now);

-- name: decision_of_purchase
SELECT kind, actor, reason, COALESCE(length(evidence), 0) AS evidence_bytes, created_at FROM decision
WHERE purchase_id = :purchase_id ORDER BY id;

-- name: stray_add!
INSERT INTO stray (idem_key, kind, purchase_id, trxid, msn, total, token, payref, paid_at, source, state, found_at)
VALUES (:idem_key, :kind, :purchase_id, :trxid, :msn, :total, :token, :payref, :paid_at, :source, 'open', :now)
ON CONFLICT (idem_key) DO NOTHING;

-- name: stray_by_key
SELECT * FROM stray WHERE idem_key = :idem_key;

-- name: stray_by_id
SELECT * FROM stray WHERE id = :id;

-- name: stray_open_list
SELECT * FROM stray WHERE state = 'open' ORDER BY found_at, id;

-- name: stray_settle!
UPDATE stray SET state = :state WHERE id = :id AND state = 'open';

-- name: stray_knows
SELECT COUNT(*) FROM stray WHERE state <> 'adopted'
  AND ((token <> '' AND token = :token) OR (payref <> '' AND payref = :payref));

-- name: purchase_late_undecided
SELECT * FROM purchase p WHERE p.state = 'LATE' AND NOT EXISTS
  (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.from_state = 'LATE' AND m.to_state = 'LATE')
ORDER BY p.id;

-- name: movement_has
SELECT COUNT(*) FROM movement WHERE purchase_id = :purchase_id AND event = :event;

-- name: movement_of_purchase
SELECT from_state, event, to_state, actor, reason, created_at FROM movement WHERE purchase_id = :purchase_id ORDER BY id;

-- name: purchase_state
SELECT state FROM purchase WHERE id = :id;

-- name: purchase_latest_meter
SELECT msn FROM purchase ORDER BY id DESC LIMIT 1;

-- name: purchase_cost_since
SELECT COALESCE(SUM(sales - profit), 0) FROM tally_agent WHERE slot >= :since / 900000;

-- name: transfer_sum_of_kind
SELECT COALESCE(SUM(amount), 0) FROM transfer
WHERE ((debit = :account AND created_at >= :start AND created_at < :end)
    OR (credit = :account AND created_at >= :start AND created_at < :end)) AND kind = :kind;

-- what one owner corrected, without another one's word
-- name: transfer_sum_alone
SELECT COALESCE(SUM(amount), 0) FROM transfer
WHERE ((debit = :account AND created_at >= :start AND created_at < :end)
    OR (credit = :account AND created_at >= :start AND created_at < :end)) AND kind = :kind
  AND instr(actor, ', approved by ') = 0;

-- name: alert_count_of_kind
SELECT COUNT(*) FROM alert WHERE kind = :kind AND created_at >= :since;

-- name: alert_undelivered
SELECT id, purchase_id FROM alert WHERE kind = 'own.undelivered' AND purchase_id IS NOT NULL AND created_at >= :since;
