-- Who did what, in one book; what the owner says to all his agents; his own words on receipts; nightly backups.

-- one row a deed of a person about people, money or the shop, when, and what it was about: A017, T10482, #88, a meter
CREATE TABLE trail (
  id INTEGER PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL CHECK (actor <> ''),
  action TEXT NOT NULL CHECK (action <> ''),
  subject TEXT NOT NULL CHECK (subject <> ''),
  agent_id BIGINT REFERENCES agent (id),
  chat TEXT NOT NULL,
  reason TEXT NOT NULL
);

-- what was written in two books until now
INSERT INTO trail (at, actor, action, subject, agent_id, chat, reason)
SELECT at, actor, action, subject, agent_id, chat, reason FROM (
  SELECT at, actor, action, printf('A%03d', agent_id) AS subject, agent_id, chat, reason, 0 AS book, id FROM people_event
  UNION ALL
  SELECT created_at, actor, kind, CASE WHEN purchase_id IS NOT NULL THEN 'T' || purchase_id
    WHEN stray_id IS NOT NULL THEN 'stray ' || stray_id ELSE 'shop' END, NULL, '', reason, 1, id FROM decision
) ORDER BY at, book, id;
DROP TABLE people_event;

CREATE INDEX trail_by_time ON trail (at);
CREATE INDEX trail_by_agent ON trail (agent_id, id) WHERE agent_id IS NOT NULL;
CREATE INDEX trail_by_subject ON trail (subject, id);
CREATE INDEX trail_by_actor ON trail (actor, id);
CREATE TRIGGER trail_is_never_changed BEFORE UPDATE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
CREATE TRIGGER trail_is_never_deleted BEFORE DELETE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;

-- what an owner says to his agents; `upto` is the last agent whose turn has come, `active_since` 0 is everybody
CREATE TABLE broadcast (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  actor TEXT NOT NULL CHECK (actor <> ''),
  text TEXT NOT NULL,
  active_since BIGINT NOT NULL,
  total BIGINT NOT NULL,
  upto BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sending', 'stopped', 'done')),
  created_at BIGINT NOT NULL,
  shown_at BIGINT NOT NULL,
  ended_at BIGINT
);
-- one at a time, so that nobody's phone rings for two at once
CREATE UNIQUE INDEX broadcast_under_way ON broadcast (state) WHERE state = 'sending';

-- one row an agent: why he was passed over ('closed', 'away'), or '' where the message is in the outbox
CREATE TABLE broadcast_to (
  broadcast_id BIGINT NOT NULL REFERENCES broadcast (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  passed_over TEXT NOT NULL,
  PRIMARY KEY (broadcast_id, agent_id)
);

-- such a message leaves after everything else
ALTER TABLE outbox ADD COLUMN broadcast_id BIGINT;
CREATE INDEX outbox_of_broadcast ON outbox (broadcast_id, state) WHERE broadcast_id IS NOT NULL;

-- the nightly backup that an owner wants in his chat: at which minute of the day, and when the next one is due
CREATE TABLE nightly_backup (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  minute BIGINT NOT NULL CHECK (minute BETWEEN 0 AND 1439),
  next_at BIGINT NOT NULL
);

-- the shop's own words on every receipt; the last row counts, and earlier ones for sales that were printed under them
CREATE TABLE receipt_words (
  id INTEGER PRIMARY KEY,
  heading TEXT NOT NULL,
  address TEXT NOT NULL,
  phone TEXT NOT NULL,
  footer TEXT NOT NULL,
  set_at BIGINT NOT NULL
);
