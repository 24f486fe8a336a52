-- name: report_add!
INSERT INTO report (sha256, name, actor, first_day, last_day, row_count, row_total, imported_at, applied_at)
VALUES (:sha256, :name, :actor, :first_day, :last_day, :row_count, :row_total, :now, NULL)
ON CONFLICT (sha256) DO NOTHING;

-- name: report_by_hash
SELECT id, sha256, name, actor, first_day, last_day, row_count, row_total, imported_at, applied_at
FROM report WHERE sha256 = :sha256;

-- name: report_by_id
SELECT id, sha256, name, actor, first_day, last_day, row_count, row_total, imported_at, applied_at
FROM report WHERE id = :id;

-- name: report_cover!
UPDATE report SET first_day = :first_day, last_day = :last_day WHERE id = :id;

-- name: report_unfinished
SELECT id, sha256, name, actor, first_day, last_day, row_count, row_total, imported_at, applied_at
FROM report WHERE applied_at IS NULL ORDER BY id;

-- name: report_applied!
UPDATE report SET applied_at = :now WHERE id = :id AND applied_at IS NULL
  AND row_count = (SELECT COUNT(*) FROM report_row WHERE report_id = :id)
  AND NOT EXISTS (SELECT 1 FROM report_row WHERE report_id = :id AND (result = '' OR result = 'waiting'));

-- name: report_row_add!
INSERT INTO report_row (report_id, line, trxid, payref, msn, total, adm, token, paid_at, result, purchase_id)
VALUES (:report_id, :line, :trxid, :payref, :msn, :total, :adm, :token, :paid_at, '', NULL)
ON CONFLICT (report_id, line) DO NOTHING;

-- name: report_row_stored
SELECT COUNT(*) FROM report_row WHERE report_id = :report_id;

-- name: report_row_next
SELECT line, trxid, payref, msn, total, adm, token, paid_at FROM report_row
WHERE report_id = :report_id AND line > :after AND (result = '' OR result = :also) ORDER BY line LIMIT :most;

-- name: report_row_result!
UPDATE report_row SET result = :result, purchase_id = :purchase_id WHERE report_id = :report_id AND line = :line;

-- name: report_row_of_purchase
SELECT line, trxid, payref, msn, total, adm, token, paid_at FROM report_row
WHERE purchase_id = :purchase_id AND result <> 'waiting' AND result <> 'double' AND result <> 'held'
ORDER BY report_id, line;

-- name: report_row_sums
SELECT result, COUNT(*) AS count, COALESCE(SUM(total), 0) AS total FROM report_row
WHERE report_id = :report_id GROUP BY result ORDER BY result;

-- name: report_row_notable
SELECT r.line, r.trxid, r.msn, r.total, r.paid_at, r.result, r.purchase_id, COALESCE(p.state, '') AS state,
  COALESCE(p.denomination + COALESCE(p.sold_adm, p.adm), 0) AS ours
FROM report_row r LEFT JOIN purchase p ON p.id = r.purchase_id
WHERE r.report_id = :report_id AND r.result <> 'matched' ORDER BY r.line LIMIT :most;

-- name: report_stray_sums
SELECT 'unknown' AS result, COUNT(*) AS count, COALESCE(SUM(total), 0) AS total FROM stray WHERE kind = 'unknown' AND source = :source;

-- name: report_stray_like
SELECT * FROM stray WHERE (token <> '' AND token = :token) OR (payref <> '' AND payref = :payref)
UNION ALL
SELECT * FROM stray WHERE trxid <> '' AND trxid = :trxid AND paid_at = :paid_at AND total = :total
  AND (token = '' OR :token = '') AND (payref = '' OR :payref = '');

-- name: report_stray_learn!
UPDATE stray SET token = :token, payref = :payref WHERE id = :id;

-- name: report_day_add!
INSERT INTO report_day (day, report_id) VALUES (:day, :report_id)
ON CONFLICT (day) DO UPDATE SET report_id = excluded.report_id WHERE report_day.report_id <> excluded.report_id;

-- name: report_day_of_report
SELECT day FROM report_day WHERE report_id = :report_id ORDER BY day;

-- name: report_day_between
SELECT day FROM report_day WHERE day >= :first AND day <= :last ORDER BY day;

-- name: purchase_by_trxid
SELECT * FROM purchase WHERE trxid = :trxid;

-- name: purchase_by_payref
SELECT * FROM purchase WHERE payref = :payref OR payref = LOWER(:payref);

-- name: purchase_sent_of_meter
SELECT * FROM purchase WHERE msn = :msn AND sent_at IS NOT NULL AND sent_at <= :latest
ORDER BY confirmed_at DESC LIMIT :most;

-- name: purchase_not_in_report
SELECT * FROM purchase p WHERE p.state IN ('SUCCESS', 'LATE')
  AND COALESCE(p.paid_at, p.sent_at) >= :start AND COALESCE(p.paid_at, p.sent_at) < :end
  AND NOT EXISTS (SELECT 1 FROM report_row r WHERE r.purchase_id = p.id AND r.report_id = :report_id
    AND r.result <> 'double' AND r.result <> 'held')
ORDER BY p.id;

-- open states, and `+`, as for the list of what is open
-- name: purchase_absent
SELECT * FROM purchase p WHERE p.state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL')
  AND p.sent_at >= :start AND p.sent_at < :end
  AND NOT EXISTS (SELECT 1 FROM report_row r WHERE r.purchase_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM stray s WHERE s.msn = p.msn AND s.kind = 'unknown' AND s.found_at >= p.sent_at
    AND (s.total = p.denomination + p.adm OR s.total = p.denomination))
ORDER BY +p.id;

-- name: alert_like
SELECT COUNT(*) FROM alert WHERE kind = :kind AND detail = :detail;
