-- name: metric_inbox
SELECT COUNT(*) FROM inbox WHERE state = 'new';

-- name: metric_outbox
SELECT (SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'unknown'))
  + (SELECT COUNT(*) FROM outbox WHERE state = 'sending');

-- name: metric_open_purchases
SELECT COUNT(*) FROM purchase WHERE state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL');

-- name: metric_sales_stopped
SELECT COUNT(*) FROM breaker WHERE state <> 'closed';

-- name: metric_read_only
SELECT COUNT(*) FROM restriction;

-- name: metric_strays
SELECT COUNT(*) FROM stray WHERE state = 'open';

-- name: metric_unapplied
SELECT COUNT(*) FROM exchange WHERE applied_at IS NULL AND completed_at IS NOT NULL;

-- name: metric_alerts
SELECT COUNT(*) FROM alert;
