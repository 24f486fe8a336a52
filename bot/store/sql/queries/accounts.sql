-- name: pin_of
SELECT holder, hash, wrong, paused_until, locked_at, asked_from FROM pin WHERE holder = :holder;

-- name: pin_set!
INSERT INTO pin (holder, hash, wrong, paused_until, locked_at, asked_from, set_at)
VALUES (:holder, :hash, 0, 0, NULL, NULL, :now)
ON CONFLICT (holder) DO UPDATE SET hash = :hash, wrong = 0, paused_until = 0, locked_at = NULL, set_at = :now;

-- counted before it is looked at: whoever ends the process meanwhile has had his try
-- name: pin_try!
UPDATE pin SET wrong = wrong + 1,
  paused_until = CASE WHEN (wrong + 1) / :pause_after * :pause_after = wrong + 1 THEN :pause_until ELSE 0 END,
  locked_at = CASE WHEN wrong + 1 >= :lock_after THEN :now END
WHERE holder = :holder AND locked_at IS NULL AND paused_until <= :now;

-- name: pin_right!
UPDATE pin SET wrong = 0, paused_until = 0, locked_at = NULL WHERE holder = :holder;

-- name: pin_asked_from!
UPDATE pin SET asked_from = :asked_from WHERE holder = :holder;

-- name: pin_remove!
DELETE FROM pin WHERE holder = :holder;

-- of an account's own chats and its cashiers; of the counter every owner's
-- name: pin_holders
SELECT holder FROM pin WHERE holder = 'agent:' || :agent_id
UNION SELECT p.holder FROM member m JOIN pin p ON p.holder = 'member:' || m.id
WHERE m.agent_id = :agent_id AND m.removed_at IS NULL
UNION SELECT holder FROM pin WHERE :agent_id = 0 AND substr(holder, 1, 5) = 'chat:';

-- name: pin_merge!
UPDATE pin SET holder = 'chat:' || :into WHERE holder = 'chat:' || :id
  AND NOT EXISTS (SELECT 1 FROM pin o WHERE o.holder = 'chat:' || :into);

-- name: member_of_chat
SELECT m.id FROM address a
JOIN member m ON m.value = a.value AND m.removed_at IS NULL
  AND (m.channel = a.channel OR m.channel || ':' = substr(a.channel, 1, length(m.channel) + 1))
WHERE a.conversation_id = :conversation_id AND a.state = 'sure' ORDER BY m.id;

-- name: purchase_last_of_chat
SELECT confirmed_at FROM purchase WHERE conversation_id = :conversation_id ORDER BY id DESC LIMIT 1;

-- name: lock_add!
INSERT INTO account_lock (agent_id, actor, reason, locked_at) VALUES (:agent_id, :actor, :reason, :now)
ON CONFLICT (agent_id) DO NOTHING;

-- name: lock_remove!
DELETE FROM account_lock WHERE agent_id = :agent_id;

-- name: lock_of
SELECT locked_at FROM account_lock WHERE agent_id = :agent_id;

-- name: agent_daily_limit!
UPDATE agent SET daily_limit = :daily_limit WHERE id = :id;

-- name: meter_block!
INSERT INTO blocked_meter (number, actor, blocked_at) VALUES (:number, :actor, :now) ON CONFLICT (number) DO NOTHING;

-- name: meter_unblock!
DELETE FROM blocked_meter WHERE number = :number;

-- name: meter_is_blocked
SELECT 1 FROM blocked_meter WHERE number IN (:msn, :idpel);

-- name: meter_blocked_list
SELECT number FROM blocked_meter ORDER BY blocked_at DESC, number LIMIT :most;
