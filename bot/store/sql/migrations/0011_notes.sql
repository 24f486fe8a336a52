-- What is noted on a sale after it, and the tokens that came before a credit token, found by their digits.

-- `kind` is what is wrong; `text` is the meter's display, or a line of the complainer's own
CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  kind TEXT NOT NULL CHECK (kind IN ('refused', 'missing', 'wrong', 'other')),
  text TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (actor <> ''),
  noted_at BIGINT NOT NULL
);
CREATE INDEX note_by_purchase ON note (purchase_id, noted_at);
CREATE INDEX note_by_time ON note (noted_at);

CREATE INDEX vended_token_by_digits ON vended_token (digits);
