-- every agent with his money, what he owes, and when he sold last (0 for never)
-- name: roster
SELECT g.id, g.name, g.state, a.posted AS balance, a.held, COALESCE(-r.posted, 0) AS owed, g.created_at,
  COALESCE((SELECT p.confirmed_at FROM purchase p WHERE p.agent_id = g.id AND p.state = 'SUCCESS'
    ORDER BY p.confirmed_at DESC LIMIT 1), 0) AS sold_at
FROM agent g JOIN account a ON a.id = 'agent:' || g.id
LEFT JOIN account r ON r.id = 'receivable:' || g.id
WHERE g.id <> 0 ORDER BY g.id;

-- name: agent_sold_at
SELECT confirmed_at FROM purchase WHERE agent_id = :agent_id AND state = 'SUCCESS' ORDER BY confirmed_at DESC LIMIT 1;

-- name: agent_name!
UPDATE agent SET name = :name WHERE id = :id;

-- name: agent_zone!
UPDATE agent SET zone = :zone WHERE id = :id;
