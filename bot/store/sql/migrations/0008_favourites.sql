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
