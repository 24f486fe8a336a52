-- name: account_open!
INSERT INTO account (id, posted, held, guarded) VALUES (:id, 0, 0, :guarded) ON CONFLICT (id) DO NOTHING;

-- name: account_by_id
SELECT id, posted, held, guarded FROM account WHERE id = :id;

-- name: account_post!
UPDATE account SET posted = posted + :amount WHERE id = :id;

-- name: account_hold!
UPDATE account SET held = held + :amount WHERE id = :id;

-- name: account_release!
UPDATE account SET held = held - :amount WHERE id = (SELECT account_id FROM hold WHERE purchase_id = :purchase_id);

-- name: transfer_add!
INSERT INTO transfer (idem_key, debit, credit, amount, kind, purchase_id, actor, reason, created_at)
VALUES (:idem_key, :debit, :credit, :amount, :kind, :purchase_id, :actor, :reason, :created_at)
ON CONFLICT (idem_key) DO NOTHING;

-- name: transfer_by_key
SELECT debit, credit, amount FROM transfer WHERE idem_key = :idem_key;

-- name: hold_open!
INSERT INTO hold (purchase_id, account_id, amount, state) VALUES (:purchase_id, :account_id, :amount, 'open');

-- name: hold_amount
SELECT amount FROM hold WHERE purchase_id = :purchase_id AND state = 'open';

-- name: hold_resolve!
UPDATE hold SET state = :state WHERE purchase_id = :purchase_id AND state = 'open';

-- name: hold_count
SELECT COUNT(*) FROM hold WHERE account_id = :account_id AND state = 'open';
