-- an alert from its rise to its end: what owners hear once, take on and quieten. `told_at` is NULL while nobody heard it
CREATE TABLE episode (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  times BIGINT NOT NULL,
  raised_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  told_at BIGINT,
  again_at BIGINT,
  taken_by TEXT NOT NULL,
  taken_at BIGINT,
  ended_at BIGINT
);
CREATE UNIQUE INDEX episode_standing ON episode (kind, subject) WHERE ended_at IS NULL;

CREATE TABLE episode_event (
  id INTEGER PRIMARY KEY,
  episode_id BIGINT NOT NULL REFERENCES episode (id),
  event TEXT NOT NULL CHECK (event IN ('raised', 'told', 'again', 'taken', 'quieted', 'sounded', 'ended')),
  actor TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX episode_event_by_episode ON episode_event (episode_id, id);
CREATE TRIGGER episode_event_is_never_changed BEFORE UPDATE ON episode_event
BEGIN SELECT RAISE(ABORT, 'what became of alerts is append-only'); END;
CREATE TRIGGER episode_event_is_never_deleted BEFORE DELETE ON episode_event
BEGIN SELECT RAISE(ABORT, 'what became of alerts is append-only'); END;

-- alerts of this kind make no sound until then
CREATE TABLE quiet (
  kind TEXT PRIMARY KEY,
  until BIGINT NOT NULL,
  actor TEXT NOT NULL
);

-- sales closed by hand: whatever the breaker says, only a person opens them again
CREATE TABLE closing (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  since BIGINT NOT NULL
);

-- every try to back up, whoever made it
CREATE TABLE backup (
  id INTEGER PRIMARY KEY,
  ok BIGINT NOT NULL,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX backup_good ON backup (at) WHERE ok = 1;
