-- short names that an agent's account gave to meters; nobody else's
CREATE TABLE favourite (
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  alias TEXT NOT NULL,
  msn TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (agent_id, alias)
);
CREATE INDEX favourite_by_meter ON favourite (agent_id, msn);

-- how often an agent sold to a meter: who his regulars are
CREATE INDEX purchase_of_regulars ON purchase (msn, agent_id) WHERE state = 'SUCCESS';

-- several orders that one press paid: the purchases that they became, sent one after another, and whether their end
-- was told
CREATE TABLE batch (
  id TEXT PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  order_id TEXT NOT NULL,
  told BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX batch_untold ON batch (id) WHERE told = 0;

CREATE TABLE batch_line (
  purchase_id BIGINT PRIMARY KEY REFERENCES purchase (id),
  batch_id TEXT NOT NULL REFERENCES batch (id)
);
CREATE INDEX batch_line_of_batch ON batch_line (batch_id);
