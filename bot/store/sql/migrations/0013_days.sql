-- What was sold, tallied by the database itself as purchases settle, so that a day is summed up from few rows.

-- `slot` is the quarter of an hour of the confirm, counted from the epoch: every zone's days begin with one. `sold` and
-- `failed` count purchases (a LATE one as failed, whatever the owner made of it), money is rupiah, `kwh` is in ten-thousandths
CREATE TABLE tally_agent (
  slot BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  sold BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  sales BIGINT NOT NULL,
  profit BIGINT NOT NULL,
  kwh BIGINT NOT NULL,
  PRIMARY KEY (slot, agent_id)
) WITHOUT ROWID;

CREATE TABLE tally_denomination (
  slot BIGINT NOT NULL,
  denomination BIGINT NOT NULL,
  sold BIGINT NOT NULL,
  sales BIGINT NOT NULL,
  PRIMARY KEY (slot, denomination)
) WITHOUT ROWID;

-- what one purchase counts for, as it stands
CREATE VIEW tally_of AS
SELECT id, confirmed_at / 900000 AS slot, agent_id, denomination,
  CASE WHEN state = 'SUCCESS' THEN 1 ELSE 0 END AS sold,
  CASE WHEN state = 'SUCCESS' THEN 0 ELSE 1 END AS failed,
  CASE WHEN state = 'SUCCESS' THEN price ELSE 0 END AS sales,
  CASE WHEN state = 'SUCCESS' THEN price - denomination - COALESCE(sold_adm, adm) + rebate ELSE 0 END AS profit,
  CASE WHEN state = 'SUCCESS'
    THEN CAST(ROUND(CAST(REPLACE(REPLACE(kwh, '.', ''), ',', '.') AS REAL) * 10000) AS BIGINT) ELSE 0 END AS kwh
FROM purchase WHERE state IN ('SUCCESS', 'FAILED', 'LATE');

CREATE TRIGGER tally_forgets BEFORE UPDATE OF state, sold_adm, kwh ON purchase
WHEN OLD.state IN ('SUCCESS', 'FAILED', 'LATE')
  AND (OLD.state <> NEW.state OR OLD.sold_adm IS NOT NEW.sold_adm OR OLD.kwh <> NEW.kwh)
BEGIN
  UPDATE tally_agent SET sold = tally_agent.sold - o.sold, failed = tally_agent.failed - o.failed,
    sales = tally_agent.sales - o.sales, profit = tally_agent.profit - o.profit, kwh = tally_agent.kwh - o.kwh
  FROM tally_of o WHERE o.id = OLD.id AND tally_agent.slot = o.slot AND tally_agent.agent_id = o.agent_id;
  UPDATE tally_denomination SET sold = tally_denomination.sold - o.sold, sales = tally_denomination.sales - o.sales
  FROM tally_of o
  WHERE o.id = OLD.id AND tally_denomination.slot = o.slot AND tally_denomination.denomination = o.denomination;
END;

CREATE TRIGGER tally_counts AFTER UPDATE OF state, sold_adm, kwh ON purchase
WHEN NEW.state IN ('SUCCESS', 'FAILED', 'LATE')
  AND (OLD.state <> NEW.state OR OLD.sold_adm IS NOT NEW.sold_adm OR OLD.kwh <> NEW.kwh)
BEGIN
  INSERT INTO tally_agent (slot, agent_id, sold, failed, sales, profit, kwh)
  SELECT slot, agent_id, sold, failed, sales, profit, kwh FROM tally_of WHERE id = NEW.id
  ON CONFLICT (slot, agent_id) DO UPDATE SET sold = sold + excluded.sold, failed = failed + excluded.failed,
    sales = sales + excluded.sales, profit = profit + excluded.profit, kwh = kwh + excluded.kwh;
  INSERT INTO tally_denomination (slot, denomination, sold, sales)
  SELECT slot, denomination, sold, sales FROM tally_of WHERE id = NEW.id
  ON CONFLICT (slot, denomination) DO UPDATE SET sold = sold + excluded.sold, sales = sales + excluded.sales;
END;

CREATE TRIGGER tally_begins AFTER INSERT ON purchase WHEN NEW.state IN ('SUCCESS', 'FAILED', 'LATE')
BEGIN
  INSERT INTO tally_agent (slot, agent_id, sold, failed, sales, profit, kwh)
  SELECT slot, agent_id, sold, failed, sales, profit, kwh FROM tally_of WHERE id = NEW.id
  ON CONFLICT (slot, agent_id) DO UPDATE SET sold = sold + excluded.sold, failed = failed + excluded.failed,
    sales = sales + excluded.sales, profit = profit + excluded.profit, kwh = kwh + excluded.kwh;
  INSERT INTO tally_denomination (slot, denomination, sold, sales)
  SELECT slot, denomination, sold, sales FROM tally_of WHERE id = NEW.id
  ON CONFLICT (slot, denomination) DO UPDATE SET sold = sold + excluded.sold, sales = sales + excluded.sales;
END;

-- what was sold until now
INSERT INTO tally_agent (slot, agent_id, sold, failed, sales, profit, kwh)
SELECT slot, agent_id, SUM(sold), SUM(failed), SUM(sales), SUM(profit), SUM(kwh) FROM tally_of GROUP BY slot, agent_id;
INSERT INTO tally_denomination (slot, denomination, sold, sales)
SELECT slot, denomination, SUM(sold), SUM(sales) FROM tally_of GROUP BY slot, denomination;

-- purchases that took longer than a moment to settle, and what owners decided about late ones: few of many
CREATE INDEX purchase_settled_later ON purchase (settled_at) WHERE settled_at > confirmed_at + 60000;
CREATE INDEX movement_late ON movement (created_at)
  WHERE event IN ('owner: the shop''s loss', 'owner: the agent agreed to pay');

-- when each day (in the shop's zone, `2026-11-25`) was summed up for the owners: what changes after it is a correction
CREATE TABLE summary_told (
  day TEXT PRIMARY KEY,
  at BIGINT NOT NULL
);

-- the minute of the day at which yesterday is summed up, NULL is never; without a row it is 06.30
CREATE TABLE summary_time (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  minute BIGINT CHECK (minute >= 5 AND minute < 1440)
);
