-- Who speaks for an agent: chats and cashiers, invitations to become one, and who did what to whom.

-- the same table with a number that is never used again (a chat that was let go keeps its row), the role, who let it in,
-- and until when its daily cap is reduced; `channel` is the platform, whatever our own account there is
CREATE TABLE member_new (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  value TEXT NOT NULL,
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  role TEXT NOT NULL CHECK (role IN ('agent', 'cashier')),
  made_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  limited_until BIGINT NOT NULL,
  removed_at BIGINT
);
INSERT INTO member_new (channel, value, agent_id, role, made_by, created_at, limited_until)
SELECT channel, value, agent_id, 'agent', '', created_at, 0 FROM member ORDER BY created_at, channel, value;
DROP TABLE member;
ALTER TABLE member_new RENAME TO member;
-- one address speaks for one agent
CREATE UNIQUE INDEX member_address ON member (value, channel) WHERE removed_at IS NULL;
CREATE INDEX member_by_agent ON member (agent_id) WHERE removed_at IS NULL;

CREATE TABLE invitation (
  code TEXT PRIMARY KEY,
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  role TEXT NOT NULL CHECK (role IN ('agent', 'cashier')),
  made_by TEXT NOT NULL CHECK (made_by <> ''),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  used_by_channel TEXT,
  used_by_value TEXT
);
CREATE INDEX invitation_unused ON invitation (agent_id) WHERE used_at IS NULL;

-- wrong codes of the last hour, so that nobody guesses; the codes themselves are not kept
CREATE TABLE wrong_code (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  tried_at BIGINT NOT NULL
);
CREATE INDEX wrong_code_by_conversation ON wrong_code (conversation_id, tried_at);

-- who did what to which agent and chat, when and why; append-only
CREATE TABLE people_event (
  id INTEGER PRIMARY KEY,
  actor TEXT NOT NULL CHECK (actor <> ''),
  action TEXT NOT NULL CHECK (action <> ''),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  chat TEXT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX people_event_by_agent ON people_event (agent_id, id);
CREATE TRIGGER people_event_is_never_changed BEFORE UPDATE ON people_event
BEGIN SELECT RAISE(ABORT, 'what was done to people is append-only'); END;
CREATE TRIGGER people_event_is_never_deleted BEFORE DELETE ON people_event
BEGIN SELECT RAISE(ABORT, 'what was done to people is append-only'); END;
