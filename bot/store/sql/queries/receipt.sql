-- name: receipt_print_add!
INSERT INTO receipt_print (purchase_id, kind, fee, total, printed_by, printed_at)
VALUES (:purchase_id, :kind, :fee, :total, :printed_by, :printed_at);

-- name: receipt_print_first
SELECT COUNT(*) FROM receipt_print WHERE purchase_id = :purchase_id AND kind = 'CA';

-- name: receipt_print_fee
SELECT fee FROM receipt_print WHERE purchase_id = :purchase_id ORDER BY id DESC LIMIT 1;

-- name: agent_fee!
UPDATE agent SET fee = :fee WHERE id = :id;

-- name: agent_fee_capped!
UPDATE agent SET fee = :cap WHERE fee > :cap;

-- name: agent_outlet!
UPDATE agent SET outlet = :outlet WHERE id = :id;

-- name: agent_footer!
UPDATE agent SET footer = :footer WHERE id = :id;

-- name: sale_phone_of
SELECT phone FROM sale_phone WHERE purchase_id = :purchase_id;
