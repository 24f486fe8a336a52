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

-- name: receipt_words_set!
INSERT INTO receipt_words (heading, address, phone, footer, set_at)
VALUES (:heading, :address, :phone, :footer, :set_at);

-- name: receipt_words_latest
SELECT heading, address, phone, footer FROM receipt_words ORDER BY id DESC LIMIT 1;

-- as they stood when the sale was printed first
-- name: receipt_words_of
SELECT heading, address, phone, footer FROM receipt_words
WHERE set_at <= (SELECT printed_at FROM receipt_print WHERE purchase_id = :purchase_id ORDER BY id LIMIT 1)
ORDER BY id DESC LIMIT 1;

-- name: receipt_printed
SELECT COUNT(*) FROM receipt_print WHERE purchase_id = :purchase_id;
