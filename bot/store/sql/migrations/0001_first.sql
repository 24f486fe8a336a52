-- Times are epoch milliseconds, money is whole rupiah, both BIGINT; meter numbers, tokens and references are TEXT.

CREATE TABLE schema_version (number BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL);

-- people

CREATE TABLE agent (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'frozen')),
  markup BIGINT NOT NULL CHECK (markup >= 0),
  fee BIGINT NOT NULL CHECK (fee >= 0),
  daily_limit BIGINT NOT NULL CHECK (daily_limit >= 0),
  created_at BIGINT NOT NULL
);

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  language TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE address (
  channel TEXT NOT NULL,
  value TEXT NOT NULL,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (channel, value)
);

CREATE INDEX address_by_conversation ON address (conversation_id);

CREATE TABLE member (
  channel TEXT NOT NULL,
  value TEXT NOT NULL,
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (channel, value)
);

-- the books: one row a transfer, one debit and one credit; corrections are new rows

CREATE TABLE account (
  id TEXT PRIMARY KEY,
  posted BIGINT NOT NULL,
  held BIGINT NOT NULL CHECK (held >= 0),
  guarded BIGINT NOT NULL,
  CHECK (guarded = 0 OR posted - held >= 0)
);

CREATE TABLE transfer (
  id INTEGER PRIMARY KEY,
  idem_key TEXT NOT NULL UNIQUE,
  debit TEXT NOT NULL REFERENCES account (id),
  credit TEXT NOT NULL REFERENCES account (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  kind TEXT NOT NULL,
  purchase_id BIGINT,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CHECK (debit <> credit)
);
CREATE INDEX transfer_by_debit ON transfer (debit, created_at);
CREATE INDEX transfer_by_credit ON transfer (credit, created_at);
CREATE INDEX transfer_by_purchase ON transfer (purchase_id);

CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;
CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;

CREATE TABLE hold (
  purchase_id BIGINT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'posted', 'voided'))
);
CREATE INDEX hold_open ON hold (account_id) WHERE state = 'open';

-- purchases

CREATE TABLE quote (
  id TEXT PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  msn TEXT NOT NULL,
  idpel TEXT NOT NULL,
  name TEXT NOT NULL,
  tariff_power TEXT NOT NULL,
  refnum TEXT NOT NULL,
  unsold_tokens BIGINT NOT NULL,
  denomination BIGINT NOT NULL CHECK (denomination > 0),
  adm BIGINT NOT NULL CHECK (adm >= 0),
  markup BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE purchase (
  id BIGINT PRIMARY KEY,
  trxid TEXT NOT NULL UNIQUE,
  quote_id TEXT NOT NULL UNIQUE REFERENCES quote (id),
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  order_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL', 'SUCCESS', 'FAILED', 'LATE')),
  ver BIGINT NOT NULL,
  msn TEXT NOT NULL,
  idpel TEXT NOT NULL,
  name TEXT NOT NULL,
  tariff_power TEXT NOT NULL,
  refnum TEXT NOT NULL,
  denomination BIGINT NOT NULL,
  adm BIGINT NOT NULL,
  markup BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  price BIGINT NOT NULL CHECK (price > 0),
  rebate BIGINT NOT NULL,
  confirmed_at BIGINT NOT NULL,
  sent_at BIGINT,
  settled_at BIGINT,
  reason TEXT NOT NULL,
  refused TEXT NOT NULL,
  payref TEXT UNIQUE,
  advref TEXT,
  paid_at BIGINT,
  sold_adm BIGINT,
  kwh TEXT NOT NULL,
  vat BIGINT NOT NULL,
  local_tax BIGINT NOT NULL,
  instalment BIGINT NOT NULL,
  stamp_duty BIGINT NOT NULL,
  clock_offset BIGINT,
  next_at BIGINT,
  advices BIGINT NOT NULL,
  negatives BIGINT NOT NULL,
  first_negative_at BIGINT,
  rechecks BIGINT NOT NULL,
  told BIGINT NOT NULL,
  claim_code TEXT UNIQUE,
  prints BIGINT NOT NULL
);
-- one open purchase a meter and amount: an advice matches by nothing else
CREATE UNIQUE INDEX purchase_open_twin ON purchase (msn, denomination)
  WHERE state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL');
CREATE INDEX purchase_open ON purchase (state) WHERE state NOT IN ('SUCCESS', 'FAILED', 'LATE');
CREATE INDEX purchase_due ON purchase (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX purchase_by_agent ON purchase (agent_id, confirmed_at);
CREATE INDEX purchase_by_meter ON purchase (msn, confirmed_at);
CREATE INDEX purchase_by_day ON purchase (confirmed_at);
CREATE INDEX purchase_by_conversation ON purchase (conversation_id, id);

-- every move of a purchase, with its reason: what the audit reads
CREATE TABLE movement (
  id INTEGER PRIMARY KEY,
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  from_state TEXT NOT NULL,
  event TEXT NOT NULL,
  to_state TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX movement_by_purchase ON movement (purchase_id);

CREATE TABLE vended_token (
  purchase_id BIGINT NOT NULL REFERENCES purchase (id),
  position BIGINT NOT NULL,
  digits TEXT NOT NULL CHECK (length(digits) = 20),
  is_credit BIGINT NOT NULL,
  PRIMARY KEY (purchase_id, position)
);
CREATE UNIQUE INDEX vended_token_credit ON vended_token (digits) WHERE is_credit = 1;

CREATE TABLE exchange (
  id INTEGER PRIMARY KEY,
  trxid TEXT NOT NULL,
  command TEXT NOT NULL,
  purchase_id BIGINT,
  agent_id BIGINT,
  request TEXT NOT NULL,
  by_payref BIGINT NOT NULL,
  requested_at BIGINT NOT NULL,
  completed_at BIGINT,
  transport TEXT,
  status BIGINT,
  body BLOB,
  milliseconds BIGINT,
  detail TEXT,
  code BIGINT,
  verdict TEXT,
  applied_at BIGINT
);
CREATE INDEX exchange_by_purchase ON exchange (purchase_id);
CREATE INDEX exchange_by_agent ON exchange (agent_id, requested_at) WHERE command = 'INQ';
CREATE INDEX exchange_unapplied ON exchange (id) WHERE applied_at IS NULL AND completed_at IS NOT NULL;
-- money rules: at most one payment a purchase is ever put on the wire
CREATE UNIQUE INDEX exchange_one_payment ON exchange (purchase_id) WHERE command = 'PAY';

CREATE TABLE alert (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  purchase_id BIGINT,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX alert_by_day ON alert (created_at);

-- conversations

CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  ext_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  order_key BIGINT NOT NULL,
  body TEXT NOT NULL,
  said_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('new', 'done', 'dead')),
  attempts BIGINT NOT NULL,
  UNIQUE (channel, ext_id)
);
CREATE INDEX inbox_new ON inbox (channel, address, order_key, id) WHERE state = 'new';

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  flow TEXT NOT NULL,
  given TEXT NOT NULL,
  order_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'replaced')),
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX session_open ON session (conversation_id) WHERE state = 'open';

CREATE TABLE session_log (
  session_id BIGINT NOT NULL REFERENCES session (id),
  position BIGINT NOT NULL,
  step TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (session_id, position)
);

CREATE TABLE effect (
  session_id BIGINT NOT NULL REFERENCES session (id),
  position BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done')),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (session_id, position)
);
CREATE INDEX effect_open ON effect (created_at) WHERE state = 'open';

CREATE TABLE inquiry (
  id TEXT PRIMARY KEY,
  msn TEXT NOT NULL,
  idpel TEXT NOT NULL,
  name TEXT NOT NULL,
  tariff_power TEXT NOT NULL,
  adm BIGINT NOT NULL,
  refnum TEXT NOT NULL,
  unsold_tokens BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE step (
  nonce TEXT PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  session_id BIGINT,
  position BIGINT,
  message TEXT NOT NULL,
  quote_id TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX step_by_conversation ON step (conversation_id, created_at);
CREATE INDEX step_by_session ON step (session_id, position);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  channel TEXT NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('critical', 'prompt', 'notice')),
  cause TEXT NOT NULL UNIQUE,
  purchase_id BIGINT,
  reply_to TEXT NOT NULL,
  content TEXT NOT NULL,
  nonce TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'unknown', 'parked', 'superseded', 'dropped')),
  attempts BIGINT NOT NULL,
  unknowns BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  claimed_at BIGINT,
  sent_at BIGINT,
  last_error TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (channel, conversation_id, id) WHERE state IN ('queued', 'unknown');
CREATE INDEX outbox_sending ON outbox (channel, conversation_id) WHERE state = 'sending';
CREATE INDEX outbox_by_purchase ON outbox (purchase_id);
CREATE INDEX outbox_by_nonce ON outbox (nonce);
