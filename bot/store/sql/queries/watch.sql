-- name: episode_standing_of
SELECT * FROM episode WHERE kind = :kind AND subject = :subject AND ended_at IS NULL;

-- name: episode_standing
SELECT * FROM episode WHERE ended_at IS NULL ORDER BY id;

-- name: episode_by_id
SELECT * FROM episode WHERE id = :id;

-- name: episode_latest
SELECT * FROM episode ORDER BY id DESC LIMIT :most;

-- name: alert_latest_of_kind
SELECT kind, purchase_id, created_at AS at FROM alert WHERE kind = :kind ORDER BY created_at DESC LIMIT :most;

-- name: episode_add!
INSERT INTO episode (kind, subject, message, times, raised_at, last_at, told_at, again_at, taken_by, taken_at, ended_at)
VALUES (:kind, :subject, :message, 0, :now, :now, NULL, NULL, '', NULL, NULL);

-- name: episode_save!
UPDATE episode SET message = :message, times = :times, last_at = :last_at, told_at = :told_at, again_at = :again_at,
  taken_by = :taken_by, taken_at = :taken_at, ended_at = :ended_at WHERE id = :id;

-- name: episode_event_add!
INSERT INTO episode_event (episode_id, event, actor, at) VALUES (:episode_id, :event, :actor, :now);

-- name: episode_event_list
SELECT event, actor, at FROM episode_event WHERE episode_id = :episode_id ORDER BY id;

-- name: quiet_of
SELECT kind, until, actor FROM quiet WHERE kind = :kind AND until > :now;

-- name: quiet_set!
INSERT INTO quiet (kind, until, actor) VALUES (:kind, :until, :actor)
ON CONFLICT (kind) DO UPDATE SET until = excluded.until, actor = excluded.actor;

-- name: quiet_remove!
DELETE FROM quiet WHERE kind = :kind;

-- name: closing
SELECT reason, actor, since FROM closing WHERE id = 1;

-- name: closing_add!
INSERT INTO closing (id, reason, actor, since) VALUES (1, :reason, :actor, :now) ON CONFLICT (id) DO NOTHING;

-- name: closing_reason!
UPDATE closing SET reason = :reason WHERE id = 1 AND reason <> :reason;

-- name: closing_remove!
DELETE FROM closing WHERE id = 1;

-- who sells: the chats of accounts that are free to buy and sold something lately
-- name: conversation_of_sellers
SELECT a.conversation_id FROM agent g CROSS JOIN member m CROSS JOIN address a
WHERE m.agent_id = g.id AND m.value = a.value
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
  AND g.state = 'active' AND m.removed_at IS NULL AND a.state = 'sure' AND EXISTS (
  SELECT 1 FROM purchase p WHERE p.agent_id = g.id AND p.confirmed_at >= :since)
UNION
SELECT q.conversation_id FROM quote q
WHERE q.name <> '' AND q.created_at >= :asked AND q.expires_at > :now AND q.agent_id <> :counter
ORDER BY 1;

-- name: backup_add!
INSERT INTO backup (ok, detail, at) VALUES (:ok, :detail, :now);

-- name: backup_latest
SELECT ok, detail, at FROM backup ORDER BY id DESC LIMIT 1;

-- name: backup_last_good
SELECT COALESCE(MAX(at), 0) FROM backup WHERE ok = 1;

-- name: purchase_first_at
SELECT confirmed_at FROM purchase ORDER BY confirmed_at LIMIT 1;

-- by quarters of an hour, from the tally: a busy day has thirty thousand purchases
-- name: purchase_cost_by_slot
SELECT slot, SUM(sales - profit) AS cost FROM tally_agent WHERE slot >= :first AND slot < :last GROUP BY slot
ORDER BY slot;

-- name: exchange_latest_payments
SELECT requested_at, COALESCE(completed_at, 0) AS completed_at FROM exchange WHERE command = 'PAY'
ORDER BY id DESC LIMIT :most;
