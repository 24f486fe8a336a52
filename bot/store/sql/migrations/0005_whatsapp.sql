-- Several names of one person, chats that may be written to for a day only, and what a platform tells of a message later.

-- handle: the one name under which a chat's messages are put in order, unique on its channel, never changed; heard_at:
-- when its person last wrote, by the platform's time, and heard_as the platform's name of that message; merged_into: the
-- older chat that turned out to be the same person's
ALTER TABLE conversation ADD COLUMN handle TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN heard_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN heard_as TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN merged_into BIGINT;
UPDATE conversation SET handle = COALESCE(
  (SELECT MIN(a.value) FROM address a WHERE a.conversation_id = conversation.id), 'chat ' || id);
CREATE UNIQUE INDEX conversation_handle ON conversation (handle, channel);

-- kind: number or person, where a platform knows people by both, else nothing; state: sure, moved (it was another
-- person's before: it reaches him, and proves nothing), or gone (nobody's at present)
ALTER TABLE address ADD COLUMN kind TEXT NOT NULL DEFAULT '' CHECK (kind IN ('', 'number', 'person'));
ALTER TABLE address ADD COLUMN state TEXT NOT NULL DEFAULT 'sure' CHECK (state IN ('sure', 'moved', 'gone'));

-- variant: how it is sent, if not as it was written; proof: what the platform told, 1 sent, 2 delivered, 3 read;
-- priced: what the platform says that it costs, in its own words
ALTER TABLE outbox ADD COLUMN variant TEXT NOT NULL DEFAULT '' CHECK (variant IN ('', 'template', 'plain'));
ALTER TABLE outbox ADD COLUMN proof BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN delivered_at BIGINT;
ALTER TABLE outbox ADD COLUMN read_at BIGINT;
ALTER TABLE outbox ADD COLUMN priced TEXT NOT NULL DEFAULT '';
