-- what holds for an agent's amount: his own first, for this amount before for all; then everybody's
-- name: markup_holds
SELECT rupiah FROM markup WHERE id IN (
    SELECT MAX(id) FROM markup WHERE agent_id IN (:agent_id, 0) AND denomination IN (:denomination, 0)
    GROUP BY agent_id, denomination)
  AND rupiah IS NOT NULL
ORDER BY agent_id = 0, denomination = 0 LIMIT 1;

-- what would hold without the one that is set for just these
-- name: markup_beneath
SELECT rupiah FROM markup WHERE id IN (
    SELECT MAX(id) FROM markup WHERE agent_id IN (:agent_id, 0) AND denomination IN (:denomination, 0)
    GROUP BY agent_id, denomination)
  AND rupiah IS NOT NULL AND NOT (agent_id = :agent_id AND denomination = :denomination)
ORDER BY agent_id = 0, denomination = 0 LIMIT 1;

-- name: markup_list
SELECT agent_id, denomination, rupiah FROM markup
WHERE id IN (SELECT MAX(id) FROM markup GROUP BY agent_id, denomination) AND rupiah IS NOT NULL
ORDER BY agent_id, denomination;

-- name: markup_add!
INSERT INTO markup (agent_id, denomination, rupiah, actor, changed_at)
VALUES (:agent_id, :denomination, :rupiah, :actor, :now);

-- the last change that an agent's price may have come by: his own, or everybody's where he has none of his own
-- name: markup_changed
SELECT COALESCE(MAX(m.changed_at), 0) FROM markup m
WHERE m.changed_at > :since AND (m.agent_id = :agent_id OR m.agent_id = 0 AND NOT EXISTS (
  SELECT 1 FROM markup own WHERE own.agent_id = :agent_id AND own.denomination IN (0, m.denomination)
    AND own.rupiah IS NOT NULL AND own.id = (SELECT MAX(l.id) FROM markup l
      WHERE l.agent_id = own.agent_id AND l.denomination = own.denomination)));
