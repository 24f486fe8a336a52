-- Messages that change earlier ones, chats that cannot be reached, and what was published about the bot.

-- 1 while nothing reaches this chat; its next word brings back what was parked meanwhile
ALTER TABLE conversation ADD COLUMN away BIGINT NOT NULL DEFAULT 0;

-- the same table with: edits (nonce of the message that this one changes), question (asks in a talk that waits),
-- ext_id (the platform's own name of the message), first_at (first claimed: later ones overtake it after a while)
CREATE TABLE outbox_new (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  channel TEXT NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('critical', 'prompt', 'edit', 'notice')),
  cause TEXT NOT NULL UNIQUE,
  purchase_id BIGINT,
  reply_to TEXT NOT NULL,
  content TEXT NOT NULL,
  nonce TEXT,
  edits TEXT,
  question BIGINT NOT NULL DEFAULT 0,
  ext_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'unknown', 'parked', 'superseded', 'dropped')),
  attempts BIGINT NOT NULL,
  unknowns BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  first_at BIGINT,
  claimed_at BIGINT,
  sent_at BIGINT,
  last_error TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
INSERT INTO outbox_new (id, conversation_id, channel, class, cause, purchase_id, reply_to, content, nonce, state,
  attempts, unknowns, next_at, first_at, claimed_at, sent_at, last_error, created_at)
SELECT id, conversation_id, channel, class, cause, purchase_id, reply_to, content, nonce, state,
  attempts, unknowns, next_at, claimed_at, claimed_at, sent_at, last_error, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
-- an index over some states serves only queries that name just these
CREATE INDEX outbox_waiting ON outbox (channel, id) WHERE state IN ('queued', 'unknown');
CREATE INDEX outbox_waiting_of ON outbox (conversation_id) WHERE state IN ('queued', 'unknown');
CREATE INDEX outbox_sending ON outbox (channel) WHERE state = 'sending';
CREATE INDEX outbox_parked ON outbox (conversation_id) WHERE state = 'parked';
CREATE INDEX outbox_by_purchase ON outbox (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX outbox_by_nonce ON outbox (nonce) WHERE nonce IS NOT NULL;

-- what a platform was told about the bot: its menus and descriptions, so that only changes are told again
CREATE TABLE published (
  channel TEXT NOT NULL,
  subject TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (channel, subject)
);
