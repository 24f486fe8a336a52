-- name: proposal_add!
INSERT INTO proposal (kind, arguments, what, reason, owner, called, actor, conversation_id, state, created_at,
  expires_at, moved_at)
VALUES (:kind, :arguments, :what, :reason, :owner, :called, :actor, :conversation_id, 'waiting', :now, :expires_at,
  :now)
ON CONFLICT (kind, arguments) WHERE state = 'waiting' DO NOTHING;

-- name: proposal_same
SELECT id, kind, arguments, what, reason, owner, called, actor, conversation_id, state, expires_at, created_at,
  moved_at
FROM proposal WHERE kind = :kind AND arguments = :arguments AND state = 'waiting';

-- name: proposal_by_id
SELECT id, kind, arguments, what, reason, owner, called, actor, conversation_id, state, expires_at, created_at,
  moved_at
FROM proposal WHERE id = :id;

-- name: proposal_waiting
SELECT id, kind, arguments, what, reason, owner, called, actor, conversation_id, state, expires_at, created_at,
  moved_at
FROM proposal WHERE state = 'waiting' AND expires_at > :now ORDER BY expires_at, id;

-- name: proposal_due
SELECT id, kind, arguments, what, reason, owner, called, actor, conversation_id, state, expires_at, created_at,
  moved_at
FROM proposal WHERE state = 'waiting' AND expires_at <= :now ORDER BY expires_at, id;

-- name: proposal_move!
UPDATE proposal SET state = :state, moved_at = :now, decider = :decider WHERE id = :id AND state = 'waiting';
