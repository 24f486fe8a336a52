-- name: purchase_count_since
SELECT COUNT(*) FROM purchase WHERE state = 'SUCCESS' AND confirmed_at >= :since;

-- what the owner sent to the supplier last
-- name: transfer_latest_to_supplier
SELECT amount, created_at AS at FROM transfer WHERE debit = :account AND kind = 'supplier'
ORDER BY created_at DESC LIMIT 1;

-- name: transfer_to_supplier_like
SELECT created_at FROM transfer WHERE debit = :account AND kind = 'supplier' AND amount = :amount
AND created_at >= :since ORDER BY created_at DESC LIMIT 1;

-- whether an owner ever said what is at the supplier
-- name: deposit_is_noted
SELECT EXISTS(SELECT 1 FROM transfer WHERE debit = :account AND kind IN ('supplier', 'compared'));
