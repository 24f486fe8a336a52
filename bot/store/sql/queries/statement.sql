-- what an account's day was made of; the transfers of one event of one purchase are one entry
-- name: statement_entries
SELECT MIN(created_at) AS at, kind, purchase_id, SUM(amount) AS amount, MIN(reason) AS reason
FROM (
  SELECT id, created_at, kind, purchase_id, amount, reason FROM transfer
  WHERE credit = :account_id AND created_at >= :start AND created_at < :end
  UNION ALL
  SELECT id, created_at, kind, purchase_id, -amount, reason FROM transfer
  WHERE debit = :account_id AND created_at >= :start AND created_at < :end
) t GROUP BY kind, purchase_id, created_at, CASE WHEN purchase_id IS NULL THEN id ELSE 0 END
ORDER BY MIN(created_at), MIN(id);

-- name: statement_since
SELECT COALESCE((SELECT SUM(amount) FROM transfer WHERE credit = :account_id AND created_at >= :since), 0)
  - COALESCE((SELECT SUM(amount) FROM transfer WHERE debit = :account_id AND created_at >= :since), 0);

-- name: statement_held
SELECT p.confirmed_at AS at, p.id AS purchase_id, h.amount
FROM hold h JOIN purchase p ON p.id = h.purchase_id
WHERE h.account_id = :account_id AND h.state = 'open' AND p.confirmed_at >= :start AND p.confirmed_at < :end
ORDER BY p.confirmed_at, p.id;
