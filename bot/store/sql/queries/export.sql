-- an owner's export, page by page behind the last row of the page before; times are epoch milliseconds
-- name: export_sales
SELECT p.id, p.confirmed_at, p.agent_id, p.conversation_id, p.msn, p.idpel, p.name, p.tariff_power, p.denomination,
  COALESCE(p.sold_adm, p.adm) AS adm, p.markup, p.price, p.fee, p.state, p.kwh, COALESCE(p.payref, '') AS payref,
  CASE WHEN p.state = 'SUCCESS' OR p.state = 'LATE' AND EXISTS
    (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.event = :paid) THEN 1 ELSE 0 END AS sold
FROM purchase p WHERE (p.confirmed_at, p.id) > (:after, :after_id) AND p.confirmed_at < :end
ORDER BY p.confirmed_at, p.id LIMIT :most;

-- the tokens of a page, those that change a meter's key before the credit
-- name: export_tokens
SELECT v.purchase_id, v.digits FROM purchase p JOIN vended_token v ON v.purchase_id = p.id
WHERE p.confirmed_at >= :first AND p.confirmed_at <= :last ORDER BY v.purchase_id, v.position;

-- what was taken from one account; every entry is taken from exactly one
-- name: export_entries
SELECT id, created_at, kind, debit, credit, amount, COALESCE(purchase_id, 0) AS purchase_id, actor, reason FROM transfer
WHERE debit = :account_id AND (created_at, id) > (:after, :after_id) AND created_at < :end
ORDER BY created_at, id LIMIT :most;

-- name: export_accounts
SELECT id, posted, held, guarded FROM account ORDER BY id;

-- name: export_agent_sums
SELECT agent_id, COUNT(*) AS count, SUM(price) AS price, SUM(price - denomination - COALESCE(sold_adm, adm) + rebate) AS profit
FROM purchase p WHERE p.confirmed_at >= :start AND p.confirmed_at < :end AND (p.state = 'SUCCESS' OR p.state = 'LATE'
  AND EXISTS (SELECT 1 FROM movement m WHERE m.purchase_id = p.id AND m.event = :paid))
GROUP BY agent_id;

-- name: export_cashiers
SELECT a.conversation_id, MIN(m.channel || ':' || m.value) AS chat FROM member m CROSS JOIN address a
WHERE m.role = 'cashier' AND m.value = a.value
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
GROUP BY a.conversation_id;

-- name: export_sale_count
SELECT COUNT(*) FROM purchase WHERE confirmed_at >= :start AND confirmed_at < :end;

-- name: export_entry_count
SELECT COUNT(*) FROM account a CROSS JOIN transfer t
WHERE t.debit = a.id AND t.created_at >= :start AND t.created_at < :end;
