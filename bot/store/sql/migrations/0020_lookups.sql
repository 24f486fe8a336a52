-- What was found by reading all chats or all purchases: whose chat an agent's is, what came late, what a report lacks.

CREATE INDEX address_by_value ON address (value);
CREATE INDEX purchase_late ON purchase (id) WHERE state = 'LATE';
CREATE INDEX purchase_sold_by_supplier ON purchase (COALESCE(paid_at, sent_at)) WHERE state IN ('SUCCESS', 'LATE');
