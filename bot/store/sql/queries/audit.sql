-- Each check selects what offends it, in words; no rows is well.

-- name: check_posted
SELECT a.id || ' has ' || a.posted || ', its transfers make ' || t.total AS what
FROM account a JOIN (
  SELECT b.id, COALESCE((SELECT SUM(amount) FROM transfer WHERE credit = b.id), 0)
    - COALESCE((SELECT SUM(amount) FROM transfer WHERE debit = b.id), 0) AS total FROM account b
) t ON t.id = a.id WHERE a.posted <> t.total
UNION ALL
SELECT 'all accounts together make ' || SUM(posted) FROM account HAVING SUM(posted) <> 0;

-- name: check_transfers_count
SELECT COUNT(*) FROM transfer;

-- name: check_held
SELECT a.id || ' holds ' || a.held || ', its open holds make ' || t.total AS what
FROM account a JOIN (
  SELECT b.id, COALESCE((SELECT SUM(amount) FROM hold WHERE account_id = b.id AND state = 'open'), 0) AS total
  FROM account b
) t ON t.id = a.id WHERE a.held <> t.total;

-- name: check_holds_count
SELECT COUNT(*) FROM hold WHERE state = 'open';

-- name: check_available
SELECT id || ' has ' || (posted - held) || ' to spend' AS what FROM account WHERE guarded = 1 AND posted - held < 0;

-- name: check_accounts_count
SELECT COUNT(*) FROM account;

-- name: check_open_holds
SELECT 'T' || p.id || ' is ' || p.state || ', its hold ' || COALESCE(h.state, 'missing') AS what
FROM purchase p LEFT JOIN hold h ON h.purchase_id = p.id
WHERE (p.state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL') AND COALESCE(h.state, '') <> 'open')
  OR (p.state NOT IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL') AND COALESCE(h.state, 'open') = 'open')
UNION ALL
SELECT 'T' || p.id || ' holds ' || h.amount || ' for a price of ' || p.price
FROM purchase p JOIN hold h ON h.purchase_id = p.id WHERE h.amount <> p.price;

-- name: check_purchases_count
SELECT COUNT(*) FROM purchase;

-- name: check_sales
SELECT 'T' || p.id || ' is ' || p.state || ' with its hold ' || h.state AS what
FROM purchase p JOIN hold h ON h.purchase_id = p.id
WHERE (p.state = 'SUCCESS' AND h.state <> 'posted') OR (p.state IN ('FAILED', 'LATE') AND h.state <> 'voided')
UNION ALL
SELECT 'T' || p.id || ' is ' || p.state || ' and its agent paid ' || t.total || ' of ' || p.price
FROM purchase p JOIN (
  SELECT q.id, COALESCE((SELECT SUM(CASE WHEN debit LIKE 'agent:%' THEN amount ELSE -amount END)
    FROM transfer WHERE purchase_id = q.id AND kind = 'sale'
    AND (debit LIKE 'agent:%' OR credit LIKE 'agent:%')), 0) AS total FROM purchase q
) t ON t.id = p.id
WHERE (p.state = 'SUCCESS' AND t.total <> p.price) OR (p.state <> 'SUCCESS' AND t.total <> 0)
UNION ALL
SELECT 'T' || p.id || ' is LATE and its agent paid ' || t.total || ' of ' || t.due
FROM purchase p JOIN (
  SELECT q.id, COALESCE((SELECT SUM(CASE WHEN debit LIKE 'agent:%' THEN amount ELSE -amount END)
    FROM transfer WHERE purchase_id = q.id AND kind = 'late'
    AND (debit LIKE 'agent:%' OR credit LIKE 'agent:%')), 0) AS total,
    CASE WHEN EXISTS (SELECT 1 FROM movement m WHERE m.purchase_id = q.id
      AND m.event = 'owner: the agent agreed to pay') THEN q.price ELSE 0 END AS due
  FROM purchase q WHERE q.state = 'LATE'
) t ON t.id = p.id WHERE t.total <> t.due
UNION ALL
SELECT 'T' || p.id || ' is ' || p.state || ' with ' || t.credits || ' credit tokens of ' || t.groups
FROM purchase p JOIN (
  SELECT q.id, COALESCE((SELECT SUM(is_credit) FROM vended_token WHERE purchase_id = q.id), 0) AS credits,
    (SELECT COUNT(*) FROM vended_token WHERE purchase_id = q.id) AS groups FROM purchase q
) t ON t.id = p.id
WHERE (p.state IN ('SUCCESS', 'LATE') AND (t.credits <> 1 OR t.groups > 3))
  OR (p.state NOT IN ('SUCCESS', 'LATE') AND t.groups <> 0);

-- name: check_sales_count
SELECT COUNT(*) FROM purchase WHERE state = 'SUCCESS';

-- name: check_unique
SELECT 'token …' || SUBSTR(digits, 17) || ' stands ' || COUNT(*) || ' times' AS what
FROM vended_token WHERE is_credit = 1 GROUP BY digits HAVING COUNT(*) > 1
UNION ALL
SELECT 'trxid ' || trxid || ' stands ' || COUNT(*) || ' times' FROM purchase GROUP BY trxid HAVING COUNT(*) > 1
UNION ALL
SELECT 'payref ' || payref || ' stands ' || COUNT(*) || ' times' FROM purchase
WHERE payref IS NOT NULL GROUP BY payref HAVING COUNT(*) > 1
UNION ALL
SELECT 'quote ' || quote_id || ' was used ' || COUNT(*) || ' times' FROM purchase
GROUP BY quote_id HAVING COUNT(*) > 1
UNION ALL
SELECT COUNT(*) || ' open purchases of one meter and ' || denomination FROM purchase
WHERE state IN ('CONFIRMED', 'SENDING', 'UNKNOWN', 'VERIFY', 'MANUAL')
GROUP BY msn, denomination HAVING COUNT(*) > 1;

-- name: check_tokens_count
SELECT COUNT(*) FROM vended_token;

-- name: check_payments
SELECT 'T' || purchase_id || ' was paid for ' || COUNT(*) || ' times' AS what FROM exchange
WHERE command = 'PAY' AND purchase_id IS NOT NULL GROUP BY purchase_id HAVING COUNT(*) > 1
UNION ALL
SELECT 'T' || p.id || ' is ' || p.state || ' without a payment row' FROM purchase p
WHERE p.sent_at IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM exchange e WHERE e.purchase_id = p.id AND e.command = 'PAY')
  AND NOT EXISTS (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.from_state = 'CONFIRMED'
    AND m.to_state = 'UNKNOWN')
UNION ALL
SELECT 'the answer of exchange ' || e.id || ' about T' || e.purchase_id || ' was never applied' FROM exchange e
WHERE e.completed_at IS NOT NULL AND e.completed_at <= :before AND e.applied_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM restriction);

-- name: check_exchanges_count
SELECT COUNT(*) FROM exchange;

-- name: check_told
SELECT 'T' || p.id || ' is ' || p.state || ' and nobody was told' AS what FROM purchase p
WHERE p.state IN ('SUCCESS', 'FAILED', 'LATE')
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.purchase_id = p.id AND o.class = 'critical'
    AND substr(o.cause, 1, 10) <> 'recovered:');

-- name: check_settled_count
SELECT COUNT(*) FROM purchase WHERE state IN ('SUCCESS', 'FAILED', 'LATE');

-- name: check_deposit
SELECT 'sold and late purchases cost ' || s.cost || ', the books took ' || t.taken AS what FROM
  (SELECT COALESCE(SUM(denomination + COALESCE(sold_adm, adm) - rebate), 0) AS cost
   FROM purchase WHERE state = 'SUCCESS') s,
  (SELECT COALESCE((SELECT SUM(amount) FROM transfer WHERE kind = 'sale' AND credit = 'vsi:deposit'), 0)
    - COALESCE((SELECT SUM(amount) FROM transfer WHERE kind = 'sale' AND debit = 'vsi:deposit'), 0) AS taken) t
WHERE s.cost <> t.taken
UNION ALL
SELECT 'decided late sales cost ' || s.cost || ', the books took ' || t.taken FROM
  (SELECT COALESCE(SUM(p.denomination + COALESCE(p.sold_adm, p.adm) - p.rebate), 0) AS cost
   FROM purchase p WHERE p.state = 'LATE' AND EXISTS
     (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.from_state = 'LATE' AND m.to_state = 'LATE')) s,
  (SELECT COALESCE((SELECT SUM(amount) FROM transfer WHERE kind = 'late' AND credit = 'vsi:deposit'), 0)
    - COALESCE((SELECT SUM(amount) FROM transfer WHERE kind = 'late' AND debit = 'vsi:deposit'), 0) AS taken) t
WHERE s.cost <> t.taken
UNION ALL
SELECT 'strays cost ' || s.cost || ', the books took ' || t.taken FROM
  (SELECT COALESCE(SUM(total), 0) AS cost FROM stray WHERE state NOT IN ('claimed', 'adopted')) s,
  (SELECT COALESCE((SELECT SUM(amount) FROM transfer WHERE kind = 'stray' AND credit = 'vsi:deposit'), 0)
    - COALESCE((SELECT SUM(amount) FROM transfer WHERE kind = 'stray' AND debit = 'vsi:deposit'), 0) AS taken) t
WHERE s.cost <> t.taken AND NOT EXISTS (SELECT 1 FROM restriction);

-- name: check_moves
SELECT id, purchase_id, from_state, event, to_state, actor, reason FROM movement
WHERE (purchase_id, id) > (:after, :after_id) AND event <> 'fetched' ORDER BY purchase_id, id LIMIT :most;

-- name: check_tickets
SELECT 'ticket #' || t.id || ' is ' || t.state || ' over ' || t.credited || ', and ' || c.came || ' were credited' AS what
FROM ticket t JOIN (
  SELECT k.id, COALESCE((SELECT SUM(x.amount) FROM transfer x WHERE x.idem_key = 'ticket:' || k.id), 0) AS came FROM ticket k
) c ON c.id = t.id WHERE t.credited <> c.came
UNION ALL
SELECT x.idem_key || ' was credited for no ticket' FROM transfer x
WHERE x.kind = 'ticket' AND NOT EXISTS (SELECT 1 FROM ticket t WHERE x.idem_key = 'ticket:' || t.id
  AND x.credit = 'agent:' || t.agent_id);

-- name: check_tickets_count
SELECT COUNT(*) FROM ticket;

-- what the tally has and what its purchases make, from the quarter of an hour `first` on
-- name: check_tally
SELECT 'the tally of agent A' || substr('00' || agent_id, -3) || ' in slot ' || slot || ' is off by ' || SUM(sold)
  || ' sold, ' || SUM(failed) || ' failed, ' || SUM(sales) || ' sales, ' || SUM(profit) || ' profit, ' || SUM(kwh) || ' kWh/10000'
  AS what
FROM (
  SELECT slot, agent_id, sold, failed, sales, profit, kwh FROM tally_agent WHERE slot >= :first
  UNION ALL
  SELECT o.slot, o.agent_id, -o.sold, -o.failed, -o.sales, -o.profit, -o.kwh FROM purchase p JOIN tally_of o ON o.id = p.id
  WHERE p.confirmed_at >= :first * 900000
) GROUP BY slot, agent_id
HAVING SUM(sold) <> 0 OR SUM(failed) <> 0 OR SUM(sales) <> 0 OR SUM(profit) <> 0 OR SUM(kwh) <> 0
UNION ALL
SELECT 'the tally of ' || denomination || ' in slot ' || slot || ' is off by ' || SUM(sold) || ' sold, ' || SUM(sales) || ' sales'
FROM (
  SELECT slot, denomination, sold, sales FROM tally_denomination WHERE slot >= :first
  UNION ALL
  SELECT o.slot, o.denomination, -o.sold, -o.sales FROM purchase p JOIN tally_of o ON o.id = p.id
  WHERE p.confirmed_at >= :first * 900000
) GROUP BY slot, denomination HAVING SUM(sold) <> 0 OR SUM(sales) <> 0;

-- name: check_tally_count
SELECT (SELECT COUNT(*) FROM tally_agent WHERE slot >= :first)
  + (SELECT COUNT(*) FROM tally_denomination WHERE slot >= :first);
