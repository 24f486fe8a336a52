-- name: batch_add!
INSERT INTO batch (id, conversation_id, order_id, told, created_at)
VALUES (:id, :conversation_id, :order_id, 0, :created_at);

-- name: batch_line_add!
INSERT INTO batch_line (purchase_id, batch_id) VALUES (:purchase_id, :batch_id);

-- name: batch_untold
SELECT id, conversation_id, order_id FROM batch WHERE told = 0 ORDER BY id;

-- name: batch_told!
UPDATE batch SET told = 1 WHERE id = :id AND told = 0;

-- name: batch_has
SELECT COUNT(*) FROM batch_line WHERE purchase_id = :purchase_id;

-- name: batch_tells
SELECT COUNT(*) FROM batch_line l JOIN batch b ON b.id = l.batch_id WHERE l.purchase_id = :purchase_id AND b.told = 0;

-- name: batch_purchases
SELECT p.* FROM batch_line l JOIN purchase p ON p.id = l.purchase_id WHERE l.batch_id = :batch_id ORDER BY p.id;

-- the lines of the same batch that go before it
-- name: batch_ahead
SELECT p.* FROM batch_line own JOIN batch_line l ON l.batch_id = own.batch_id JOIN purchase p ON p.id = l.purchase_id
WHERE own.purchase_id = :purchase_id AND l.purchase_id < :purchase_id ORDER BY p.id;
