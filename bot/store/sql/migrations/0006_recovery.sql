-- How a customer gets a lost token again: what proves a sale, who tried, and what is asked of sellers.

-- a customer's phone, as the seller wrote it down, in the digits that platforms use
CREATE TABLE sale_phone (
  purchase_id BIGINT PRIMARY KEY REFERENCES purchase (id),
  phone TEXT NOT NULL CHECK (phone <> ''),
  recorded_by TEXT NOT NULL CHECK (recorded_by <> ''),
  recorded_at BIGINT NOT NULL
);
CREATE INDEX sale_phone_by_phone ON sale_phone (phone);
CREATE INDEX sale_phone_by_time ON sale_phone (recorded_at);

-- tries by NO REF of the last hour, under the number as it was typed, whether the shop knows it or not
CREATE TABLE proof_try (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  number TEXT NOT NULL,
  tried_at BIGINT NOT NULL
);
CREATE INDEX proof_try_by_conversation ON proof_try (conversation_id, tried_at);
CREATE INDEX proof_try_by_number ON proof_try (number, tried_at);
CREATE INDEX proof_try_by_time ON proof_try (tried_at);

-- the meters that a chat has proved: which sale it was shown last and when, when it gave a proof, and until when it is
-- remembered (0 is not at all)
CREATE TABLE proved_meter (
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  msn TEXT NOT NULL,
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  shown_at BIGINT NOT NULL,
  proved_at BIGINT NOT NULL,
  known_until BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, msn)
);
CREATE INDEX proved_meter_by_time ON proved_meter (shown_at);

-- chats that proved a sale while it was open, and want to be told how it ends
CREATE TABLE sale_watch (
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (purchase_id, conversation_id)
);
CREATE INDEX sale_watch_by_conversation ON sale_watch (conversation_id);

-- what customers ask sellers for: new until it was looked for, then asked, and sent or kept; closed if nobody was asked
CREATE TABLE token_request (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  number TEXT NOT NULL,
  purchase_id BIGINT REFERENCES purchase (id),
  msn TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('new', 'asked', 'sent', 'kept', 'closed')),
  asked_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX token_request_new ON token_request (id) WHERE state = 'new';
CREATE INDEX token_request_by_conversation ON token_request (conversation_id, asked_at);
CREATE INDEX token_request_by_meter ON token_request (msn, asked_at) WHERE msn <> '';
CREATE INDEX token_request_by_time ON token_request (asked_at);

CREATE INDEX purchase_by_idpel ON purchase (idpel, confirmed_at);
