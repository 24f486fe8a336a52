-- What is done for a chat outside any turn because it takes long; `input` is JSON of its kind.
CREATE TABLE errand (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  kind TEXT NOT NULL CHECK (kind IN ('export', 'report')),
  input TEXT NOT NULL,
  actor TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX errand_open ON errand (id) WHERE state = 'open';
CREATE INDEX errand_by_age ON errand (created_at);
