-- What the shop is bound to, whether it may sell, what owners decided, and what the supplier's reports said.

-- the supplier that this database belongs to: test and live tokens never meet in one
CREATE TABLE binding (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  host TEXT NOT NULL,
  cid TEXT NOT NULL,
  bound_at BIGINT NOT NULL
);

-- a row here makes the database read-only: nothing is sold, no money moves, evidence waits
CREATE TABLE restriction (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  kind TEXT NOT NULL CHECK (kind IN ('restored', 'violation')),
  detail TEXT NOT NULL,
  since BIGINT NOT NULL,
  copied_at BIGINT
);

CREATE TABLE breaker (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  state TEXT NOT NULL CHECK (state IN ('closed', 'open', 'half')),
  -- who may half-open it: a good inquiry, or only the owner
  way_back TEXT NOT NULL CHECK (way_back IN ('probe', 'owner')),
  code BIGINT,
  since BIGINT NOT NULL,
  unclear_run BIGINT NOT NULL,
  probe_id BIGINT,
  probed_at BIGINT
);

-- every decision that a person took, with the person, the reason and what it rests on; append-only
CREATE TABLE decision (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  purchase_id BIGINT,
  stray_id BIGINT,
  actor TEXT NOT NULL CHECK (actor <> ''),
  reason TEXT NOT NULL CHECK (reason <> ''),
  evidence BLOB,
  created_at BIGINT NOT NULL
);
CREATE INDEX decision_by_purchase ON decision (purchase_id);
CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- a sale at the supplier that no purchase of ours owns: its token is known, its money waits for the owner
CREATE TABLE stray (
  id INTEGER PRIMARY KEY,
  idem_key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('double', 'unknown')),
  purchase_id BIGINT,
  trxid TEXT NOT NULL,
  msn TEXT NOT NULL,
  total BIGINT NOT NULL,
  token TEXT NOT NULL,
  payref TEXT NOT NULL,
  paid_at BIGINT,
  source TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'loss', 'adopted')),
  found_at BIGINT NOT NULL
);
CREATE INDEX stray_by_token ON stray (token) WHERE token <> '';
CREATE INDEX stray_by_payref ON stray (payref) WHERE payref <> '';
CREATE INDEX stray_by_trxid ON stray (trxid) WHERE trxid <> '';

CREATE TABLE report (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  actor TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  row_total BIGINT NOT NULL,
  imported_at BIGINT NOT NULL,
  applied_at BIGINT
);

CREATE TABLE report_row (
  report_id BIGINT NOT NULL REFERENCES report (id),
  line BIGINT NOT NULL,
  trxid TEXT NOT NULL,
  payref TEXT NOT NULL,
  msn TEXT NOT NULL,
  total BIGINT NOT NULL,
  adm BIGINT,
  token TEXT NOT NULL,
  paid_at BIGINT,
  result TEXT NOT NULL,
  purchase_id BIGINT,
  PRIMARY KEY (report_id, line)
);
CREATE INDEX report_row_by_purchase ON report_row (purchase_id);

-- days (WIB, `2026-11-25`) for which a report was proven complete: only there does absence mean anything
CREATE TABLE report_day (
  day TEXT PRIMARY KEY,
  report_id BIGINT NOT NULL REFERENCES report (id)
);

-- chats that asked to be told when sales open again
CREATE TABLE opening_watch (
  conversation_id BIGINT PRIMARY KEY REFERENCES conversation (id)
);
CREATE INDEX alert_by_kind ON alert (kind, created_at);
