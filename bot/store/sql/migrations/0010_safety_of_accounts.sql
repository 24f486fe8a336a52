-- Secret numbers of those who sell, accounts that were locked, and meters that the shop does not sell to.

-- holder: who knows it, an account's own chats ('agent:17'), one cashier ('member:12') or one owner's chat ('chat:3').
-- wrong counts since it was last right; asked_from is rupiah, NULL for the shop's own
CREATE TABLE pin (
  holder TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  wrong BIGINT NOT NULL CHECK (wrong >= 0),
  paused_until BIGINT NOT NULL,
  locked_at BIGINT,
  asked_from BIGINT CHECK (asked_from > 0),
  set_at BIGINT NOT NULL
);

-- an account that buys nothing until an owner unlocks it
CREATE TABLE account_lock (
  agent_id BIGINT PRIMARY KEY REFERENCES agent (id),
  actor TEXT NOT NULL CHECK (actor <> ''),
  reason TEXT NOT NULL,
  locked_at BIGINT NOT NULL
);

-- meter numbers and IDPELs as the owner typed them
CREATE TABLE blocked_meter (
  number TEXT PRIMARY KEY,
  actor TEXT NOT NULL CHECK (actor <> ''),
  blocked_at BIGINT NOT NULL
);
