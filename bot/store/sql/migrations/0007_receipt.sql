-- Receipts are recorded prints, and what an agent puts on them.

-- one row a print: the seller's first is CA, every later one and each of a customer's is CU; `total` is the grand total
CREATE TABLE receipt_print (
  id INTEGER PRIMARY KEY,
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  kind TEXT NOT NULL CHECK (kind IN ('CA', 'CU')),
  fee BIGINT NOT NULL CHECK (fee >= 0),
  total BIGINT NOT NULL CHECK (total > 0),
  printed_by TEXT NOT NULL CHECK (printed_by <> ''),
  printed_at BIGINT NOT NULL
);
CREATE INDEX receipt_print_by_purchase ON receipt_print (purchase_id, id);
CREATE UNIQUE INDEX receipt_print_first ON receipt_print (purchase_id) WHERE kind = 'CA';
CREATE TRIGGER receipt_print_is_never_changed BEFORE UPDATE ON receipt_print
BEGIN SELECT RAISE(ABORT, 'prints are append-only'); END;

-- what was counted until now was printed with the fee of its sale
INSERT INTO receipt_print (purchase_id, kind, fee, total, printed_by, printed_at)
SELECT id, 'CA', fee, denomination + COALESCE(sold_adm, adm) + fee, 'before prints were recorded',
  COALESCE(settled_at, confirmed_at)
FROM purchase WHERE prints > 0;
ALTER TABLE purchase DROP COLUMN prints;

-- the heading of an agent's receipts ('' is his name), and a line of his own at their end
ALTER TABLE agent ADD COLUMN outlet TEXT NOT NULL DEFAULT '';
ALTER TABLE agent ADD COLUMN footer TEXT NOT NULL DEFAULT '';
