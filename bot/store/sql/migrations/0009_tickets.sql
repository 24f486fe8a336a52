-- Top-up tickets: a transfer that an agent announces, known by its amount, and what the owner made of it.

CREATE TABLE ticket (
  id INTEGER PRIMARY KEY,
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'expired', 'cancelled', 'approved', 'rejected')),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  moved_at BIGINT NOT NULL,
  reminded BIGINT NOT NULL DEFAULT 0,
  credited BIGINT NOT NULL DEFAULT 0,
  actor TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  CHECK ((state = 'approved') = (credited > 0)),
  CHECK (state NOT IN ('approved', 'rejected') OR actor <> '')
);
-- one open ticket an agent
CREATE UNIQUE INDEX ticket_open ON ticket (agent_id) WHERE state = 'open';
CREATE INDEX ticket_due ON ticket (expires_at) WHERE state = 'open';
CREATE INDEX ticket_undecided ON ticket (id) WHERE state IN ('open', 'waiting');
CREATE INDEX ticket_by_agent ON ticket (agent_id, id);
CREATE INDEX ticket_by_move ON ticket (moved_at);
