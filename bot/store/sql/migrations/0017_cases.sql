-- What owners do about cases that a person has to look at: a late token offered to its agent, notes that are dealt with.

-- a note's own chat: an answer to it goes there (NULL in notes from before)
ALTER TABLE note ADD COLUMN conversation_id BIGINT;

-- a note is closed, or answered and closed; once
CREATE TABLE note_end (
  note_id INTEGER PRIMARY KEY REFERENCES note (id),
  answer TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (actor <> ''),
  ended_at BIGINT NOT NULL
);

-- a sale that turned up late, offered to the agent who had ordered it; one open offer a sale
CREATE TABLE late_offer (
  id INTEGER PRIMARY KEY,
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  state TEXT NOT NULL CHECK (state IN ('open', 'taken', 'declined', 'withdrawn')),
  offered_by TEXT NOT NULL CHECK (offered_by <> ''),
  offered_at BIGINT NOT NULL,
  answered_by TEXT NOT NULL,
  answered_at BIGINT
);
CREATE UNIQUE INDEX late_offer_open ON late_offer (purchase_id) WHERE state = 'open';
CREATE INDEX late_offer_by_purchase ON late_offer (purchase_id);

CREATE INDEX stray_by_purchase ON stray (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX decision_by_stray ON decision (stray_id) WHERE stray_id IS NOT NULL;
