-- What one owner decided and another has to approve before it is done: kept with both names, decided once.

CREATE TABLE proposal (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  arguments TEXT NOT NULL,
  what TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  owner TEXT NOT NULL CHECK (owner <> ''),
  called TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (actor <> ''),
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'expired')),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  moved_at BIGINT NOT NULL,
  decider TEXT NOT NULL DEFAULT '',
  -- another person, not another chat
  CHECK (state NOT IN ('approved', 'refused') OR (decider <> '' AND decider <> owner))
);
CREATE UNIQUE INDEX proposal_waiting ON proposal (kind, arguments) WHERE state = 'waiting';
CREATE INDEX proposal_due ON proposal (expires_at) WHERE state = 'waiting';
CREATE TRIGGER proposal_is_decided_once BEFORE UPDATE ON proposal WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'a proposal is decided once'); END;
CREATE TRIGGER proposal_is_never_deleted BEFORE DELETE ON proposal
BEGIN SELECT RAISE(ABORT, 'proposals are append-only'); END;
